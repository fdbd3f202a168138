"""The value lists of the registry, as Plivo's API publishes them.

Source: Plivo's 10DLC API pages (profile, brand, campaign) and its official SDKs.
"""

from django.db import models


class CustomerType(models.TextChoices):
    DIRECT = "DIRECT", "We register our own business"
    RESELLER = "RESELLER", "We register a customer's business"


class EntityType(models.TextChoices):
    PRIVATE = "PRIVATE", "Private company"
    PUBLIC = "PUBLIC", "Public company (traded on a stock exchange)"
    NON_PROFIT = "NON_PROFIT", "Non-profit organization"
    GOVERNMENT = "GOVERNMENT", "Government body"
    INDIVIDUAL = "INDIVIDUAL", "Individual (sole proprietor)"


class Vertical(models.TextChoices):
    PROFESSIONAL = "PROFESSIONAL", "Professional services"
    REAL_ESTATE = "REAL_ESTATE", "Real estate"
    HEALTHCARE = "HEALTHCARE", "Healthcare"
    HUMAN_RESOURCES = "HUMAN_RESOURCES", "Human resources"
    ENERGY = "ENERGY", "Energy and utilities"
    ENTERTAINMENT = "ENTERTAINMENT", "Entertainment"
    RETAIL = "RETAIL", "Retail and consumer products"
    TRANSPORTATION = "TRANSPORTATION", "Transportation and logistics"
    AGRICULTURE = "AGRICULTURE", "Agriculture"
    INSURANCE = "INSURANCE", "Insurance"
    POSTAL = "POSTAL", "Postal and delivery"
    EDUCATION = "EDUCATION", "Education"
    HOSPITALITY = "HOSPITALITY", "Hospitality and travel"
    FINANCIAL = "FINANCIAL", "Financial services"
    POLITICAL = "POLITICAL", "Political"
    GAMBLING = "GAMBLING", "Gambling and lottery"
    LEGAL = "LEGAL", "Legal"
    CONSTRUCTION = "CONSTRUCTION", "Construction"
    NGO = "NGO", "Non-governmental organization"
    MANUFACTURING = "MANUFACTURING", "Manufacturing"
    GOVERNMENT = "GOVERNMENT", "Government services"
    TECHNOLOGY = "TECHNOLOGY", "Technology"
    COMMUNICATION = "COMMUNICATION", "Communication and media"


class StockExchange(models.TextChoices):
    NASDAQ = "NASDAQ", "NASDAQ"
    NYSE = "NYSE", "NYSE"
    AMEX = "AMEX", "AMEX"
    AMX = "AMX", "AMX"
    ASX = "ASX", "ASX"
    B3 = "B3", "B3"
    BME = "BME", "BME"
    BSE = "BSE", "BSE"
    FRA = "FRA", "FRA"
    ICEX = "ICEX", "ICEX"
    JPX = "JPX", "JPX"
    JSE = "JSE", "JSE"
    KRX = "KRX", "KRX"
    LON = "LON", "LON"
    NSE = "NSE", "NSE"
    OMX = "OMX", "OMX"
    SEHK = "SEHK", "SEHK"
    SGX = "SGX", "SGX"
    SSE = "SSE", "SSE"
    STO = "STO", "STO"
    SWX = "SWX", "SWX"
    SZSE = "SZSE", "SZSE"
    TSX = "TSX", "TSX"
    TWSE = "TWSE", "TWSE"
    VSE = "VSE", "VSE"
    OTHER = "OTHER", "Another exchange"


class AltBusinessIdType(models.TextChoices):
    DUNS = "DUNS", "D-U-N-S number"
    LEI = "LEI", "Legal Entity Identifier"
    GIIN = "GIIN", "Global Intermediary Identification Number"
    NONE = "NONE", "None"


class Seniority(models.TextChoices):
    DIRECTOR = "DIRECTOR", "Director"
    GM = "GM", "General manager"
    VP = "VP", "Vice president"
    CEO = "CEO", "Chief executive officer"
    CFO = "CFO", "Chief financial officer"
    GENERAL_COUNSEL = "GENERAL_COUNSEL", "General counsel"
    OTHER = "OTHER", "Other"


class BrandType(models.TextChoices):
    """`STARTER` exists at Plivo but has been paused since October 2022."""

    STANDARD = "STANDARD", "Standard"


class UseCase(models.TextChoices):
    TWO_FACTOR = "2FA", "Two-factor authentication"
    ACCOUNT_NOTIFICATION = "ACCOUNT_NOTIFICATION", "Account notifications"
    CUSTOMER_CARE = "CUSTOMER_CARE", "Customer care"
    DELIVERY_NOTIFICATION = "DELIVERY_NOTIFICATION", "Delivery notifications"
    FRAUD_ALERT = "FRAUD_ALERT", "Fraud alerts"
    HIGHER_EDUCATION = "HIGHER_EDUCATION", "Higher education"
    MARKETING = "MARKETING", "Marketing"
    POLLING_VOTING = "POLLING_VOTING", "Polling and voting (not political)"
    PUBLIC_SERVICE_ANNOUNCEMENT = "PUBLIC_SERVICE_ANNOUNCEMENT", "Public service announcements"
    SECURITY_ALERT = "SECURITY_ALERT", "Security alerts"
    MIXED = "MIXED", "Mixed: two to five of the others"
    LOW_VOLUME = "LOW_VOLUME", "Low volume: two to five of the others, few messages"


# These hold two to five of the other use cases, and are never one of them.
COMPOUND_USE_CASES = (UseCase.MIXED, UseCase.LOW_VOLUME)

SUB_USE_CASES = [
    (value, label) for value, label in UseCase.choices if value not in COMPOUND_USE_CASES
]
