"""The roof: settings, addresses, sign-in and home. It wires the rooms; nobody imports it."""

from portal.celery import app as celery_app

__all__ = ["celery_app"]
