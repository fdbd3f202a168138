"""A stage for the sandbox's tests: a caller with credentials, and somebody who is called back."""

import base64
import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from registrations.plivo.sandbox import Sandbox

AUTH_ID, AUTH_TOKEN = "MASANDBOXSANDBOXSAND", "the-token-of-the-main-account"
SUB_ID, SUB_TOKEN = "SASANDBOXSANDBOXSAND", "the-token-of-the-subaccount"
CALLBACK_URL = "https://portal.example.com/callbacks/plivo/tkn-7Qm2/"
PUBLISHED = Path(__file__).parent / "published"


def published(name):
    """A body as Plivo's documentation and SDKs show it, values replaced."""
    return json.loads((PUBLISHED / f"{name}.json").read_text())


class Clock:
    """Time stands still until somebody moves it."""

    def __init__(self):
        self.time = 1_800_000_000.0

    def __call__(self):
        return self.time


class Letterbox:
    """Receives callbacks as a portal would; `answers` are the statuses it gives, then 200."""

    def __init__(self):
        self.letters = []
        self.answers = []

    def __call__(self, method, url, headers, body):
        self.letters.append((method, url, headers, body))
        return self.answers.pop(0) if self.answers else 200

    @property
    def words(self):
        return [self.says(letter)["status"] for letter in self.letters]

    @staticmethod
    def says(letter):
        method, url, _, body = letter
        text = urlsplit(url).query if method == "GET" else body.decode()
        return {name: values[0] for name, values in parse_qs(text).items()}


class Stage:
    """A sandbox without sockets, its letterbox, and the calls that tests make."""

    def __init__(self, state_path=None, letterbox=None, clock=None):
        self.letterbox = letterbox or Letterbox()
        self.clock = clock or Clock()
        accounts = {AUTH_ID: AUTH_TOKEN, SUB_ID: SUB_TOKEN}
        self.sandbox = Sandbox(accounts, state_path, self.clock, self.letterbox)

    def pass_time(self, seconds):
        return self.sandbox.step(seconds)

    def call(self, method, path, fields=None, *, query="", account=AUTH_ID, token=None):
        token = token or {AUTH_ID: AUTH_TOKEN, SUB_ID: SUB_TOKEN}[account]
        credentials = base64.b64encode(f"{account}:{token}".encode()).decode()
        body = b"" if fields is None else json.dumps(fields).encode()
        headers = {"Authorization": f"Basic {credentials}", "Content-Type": "application/json"}
        return self.sandbox.handle(method, f"/v1/Account/{account}{path}", query, headers, body)

    def get(self, path, query="", **more):
        return self.call("GET", path, query=query, **more)

    def control(self, name, **said):
        headers = {"Host": "127.0.0.1:8001", "Content-Type": "application/json"}
        body = json.dumps(said).encode()
        return self.sandbox.handle("POST", f"/control/{name}", "", headers, body)

    def look(self, name):
        return self.sandbox.handle("GET", f"/control/{name}", "", {"Host": "localhost"}).json()

    # --- Objects, each made with the body that Plivo publishes ---

    def profile(self, **changes):
        fields = {**published("profile_create_request"), **changes}
        return self.call("POST", "/Profile/", fields).json()["profile_uuid"]

    def create_brand(self, company="Acme Inc.", **changes):
        """The answer to a request for a brand of a company of this name."""
        fields = {**published("brand_create_request"), "url": CALLBACK_URL}
        fields["profile_uuid"] = self.profile(company_name=company)
        return self.call("POST", "/10dlc/Brand/", {**fields, **changes})

    def brand(self, company="Acme Inc.", **changes):
        """The id of a registered brand, its callbacks received and put away."""
        brand_id = self.create_brand(company, **changes).json()["brand_id"]
        return self._settled(brand_id)

    def create_campaign(self, brand_id=None, **changes):
        fields = {**published("campaign_create_request"), "url": CALLBACK_URL}
        fields["brand_id"] = brand_id or self.brand()
        return self.call("POST", "/10dlc/Campaign/", {**fields, **changes})

    def campaign(self, brand_id=None, **changes):
        return self._settled(self.create_campaign(brand_id, **changes).json()["campaign_id"])

    def link(self, campaign_id, *numbers, **changes):
        fields = {"numbers": list(numbers), "url": CALLBACK_URL, "method": "POST", **changes}
        return self.call("POST", f"/10dlc/Campaign/{campaign_id}/Number/", fields)

    def unlink(self, campaign_id, number):
        fields = {"url": CALLBACK_URL, "method": "POST"}
        return self.call("DELETE", f"/10dlc/Campaign/{campaign_id}/Number/{number}/", fields)

    def brand_status(self, brand_id):
        return self.get(f"/10dlc/Brand/{brand_id}/").json()["brand"]["registration_status"]

    def campaign_at_plivo(self, campaign_id):
        return self.get(f"/10dlc/Campaign/{campaign_id}/").json()["campaign"]

    def number_status(self, campaign_id, number):
        answer = self.get(f"/10dlc/Campaign/{campaign_id}/Number/{number}/").json()
        return answer["phone_numbers"][0]["status"] if "phone_numbers" in answer else None

    def _settled(self, object_id):
        self.pass_time(60)
        self.letterbox.letters.clear()
        return object_id
