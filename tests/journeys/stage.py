"""A whole portal in processes of its own, and people who use it over HTTP."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from html import unescape
from pathlib import Path

import requests

from tests.conftest import CAMPAIGN

ROOT = Path(__file__).parents[2]
PATIENCE = 150

# What a form carries without showing it.
HIDDEN = "csrfmiddlewaretoken|digest|seen"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(found, what, patience=PATIENCE, every=0.1):
    """Wait until `found()` is true and answer it; else fail, and say what was waited for."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if answer := found():
            return answer
        time.sleep(every)
    raise AssertionError(f"waited {patience} s in vain for: {what}")


class Portal:
    """Processes with a folder of their own. `environment` is added to each one's."""

    def __init__(self, folder, **environment):
        self.folder = folder
        self.port, self.sandbox_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.sandbox_url = f"http://127.0.0.1:{self.sandbox_port}"
        clean = {
            name: value
            for name, value in os.environ.items()
            if name not in ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", "DATA_DIR")
        }
        self.environment = {
            **clean,
            "ENV_FILE": os.devnull,
            "DEBUG": "true",
            "DATA_DIR": str(folder),
            "PUBLIC_URL": self.url,
            "PLIVO_API_URL": self.sandbox_url,
            "SWEEP_SECONDS": "1",
            "LEASE_SECONDS": "6",
            **environment,
        }
        self.processes = {}

    def start(self, name, *arguments):
        with open(self.folder / f"{name}.log", "ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return self.processes[name]

    def manage(self, *arguments):
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start_embedded(self):
        ports = ("--port", str(self.port), "--sandbox-port", str(self.sandbox_port))
        self.start("portal", "manage.py", "portal", "--demo", *ports)
        until(lambda: "Ctrl-C" in self.log("portal"), "the greeting")

    def start_apart(self, *workers):
        """Each part in a process of its own, as in production; so many workers."""
        self.manage("migrate", "--verbosity", "0")
        self.manage("seed_demo")
        self.start_sandbox()
        self.start_web()
        for name in workers:
            self.start_worker(name)
        self.start_beat()

    def start_web(self):
        self.start(
            "web",
            *("-m", "granian", "--interface", "wsgi", "--no-ws", "--host", "127.0.0.1"),
            *("--port", str(self.port), "--blocking-threads", "96", "--log-level", "error"),
            "portal.wsgi:application",
        )
        until(self._answers, "the web server")

    def start_worker(self, name):
        self.start(
            name,
            *("-m", "celery", "-A", "portal", "worker", "--pool", "threads", "-c", "4"),
            *("--loglevel", "WARNING", "--hostname", f"{name}@%h"),
        )

    def start_beat(self):
        schedule = ("--schedule", str(self.folder / "beat"))
        self.start("beat", "-m", "celery", "-A", "portal", "beat", *schedule)

    def start_sandbox(self):
        self.start("sandbox", "manage.py", "plivo_sandbox", "--port", str(self.sandbox_port))
        until(lambda: "ready" in self.log("sandbox"), "the sandbox")

    def stop(self, name, with_signal=signal.SIGTERM):
        process = self.processes.pop(name)
        if with_signal == signal.SIGKILL:
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.send_signal(with_signal)
        return process.wait(PATIENCE)

    def stop_all(self):
        for name in list(self.processes):
            self.stop(name)

    def log(self, name):
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def state(self):
        return json.loads(self.manage("export_state", "--json"))

    @property
    def password(self):
        return json.loads((self.folder / "keys.json").read_text())["DEMO_PASSWORD"]

    def add_superuser(self, username):
        """With the password of everybody in the demo."""
        self.environment["DJANGO_SUPERUSER_PASSWORD"] = self.password
        who = ("--username", username, "--email", f"{username}@example.com")
        self.manage("createsuperuser", "--no-input", *who)

    def sandbox(self, name, **said):
        """Look at the sandbox (without `said`), or tell it something."""
        url = f"{self.sandbox_url}/control/{name}"
        answer = (
            requests.post(url, json=said, timeout=10) if said else requests.get(url, timeout=10)
        )
        assert answer.ok, answer.text
        return answer.json()

    def _answers(self):
        try:
            return requests.get(f"{self.url}/healthz", timeout=2).ok
        except requests.RequestException:
            return False


class Person:
    """Somebody signed in, who opens pages and presses buttons."""

    def __init__(self, portal, username):
        self.portal = portal
        self.session = requests.Session()
        self.session.trust_env = False
        self.press("/sign-in/", "/sign-in/", username=username, password=portal.password)

    def open(self, path):
        answer = self.session.get(self.portal.url + path, timeout=30)
        assert answer.ok, (path, answer.status_code)
        return answer.text

    def press(self, page, action, **fields):
        """Post to `action` what the form on `page` would, with these fields."""
        hidden = dict(re.findall(rf'name="({HIDDEN})" value="([^"]*)"', self.open(page)))
        answer = self.session.post(
            self.portal.url + action,
            data={**hidden, **fields},
            headers={"Referer": self.portal.url + page},
            timeout=30,
        )
        assert answer.ok, (action, answer.status_code)
        complaints = re.findall(
            r'class="errorlist.*?</ul>|data-level="error".*?</p>', answer.text, re.S
        )
        assert not complaints or "Why Plivo" in answer.text, complaints
        return answer

    def act(self, page, verb, **fields):
        return self.press(page, f"{page}act/{verb}/", **fields)

    def writes(self, kind, values):
        """Write a draft from its first step to its last; answers the address of its page.

        Each step is sent what it asks, and leads to the next.
        """
        address, left = f"/{kind}/new/", dict(values)
        while not address.endswith("/check/"):
            asked = re.findall(r'<(?:input|select|textarea)[^>]* name="(\w+)"', self.open(address))
            given = {name: left.pop(name) for name in asked if name in left}
            ticked = {name: "on" for name, value in given.items() if value is True}
            answer = self.press(address, address, go="next", **{**given, **ticked})
            address = answer.url.removeprefix(self.portal.url)
        assert not left, f"nothing asked for {left}"
        return address.removesuffix("edit/check/")

    def finds(self, page, words):
        """The value of the choice on this page that says these words."""
        choices = re.findall(r'<option value="([^"]+)"[^>]*>([^<]*)<', self.open(page))
        return next(value for value, told in choices if words in told)

    def sends_for_review(self, page):
        return self.press(f"{page}edit/check/", f"{page}edit/check/", go="send")

    def links(self, campaign, *numbers):
        """Check numbers for the campaign on this page, and link those found good."""
        new = "/numbers/new/"
        given = {"campaign": campaign.split("/")[2], "numbers": "\n".join(numbers)}
        checked = self.press(f"{new}?campaign={given['campaign']}", new, intent="check", **given)
        found = dict(re.findall(r'name="(good|seen_for)" value="([^"]*)"', checked.text))
        return self.press(new, new, intent="link", **given, **found)

    def stands(self, page):
        """Where a registration stands, as its page says."""
        text = re.search(r'class="stand">(.*?)<small>', self.open(page), re.S).group(1)
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())

    def waits_for(self, page, status):
        until(lambda: self.stands(page) == status, f"{page} to stand at “{status}”")


def live_in(portal):
    """Use a demo's portal until every page of it has something to show.

    Beside what the demo begins with: a campaign with numbers, of which one fails; one that waits
    for review, and a draft; a key, a webhook that fails, a word on a trail and a forged callback.
    Answers the pages of a brand and of a campaign that are still being written.
    """
    alice, carol = Person(portal, "alice"), Person(portal, "carol")
    new = "/campaigns/new/"
    brand = {"brand": alice.finds(new, "Acme Outlet")}
    begun = alice.press(new, new, go="next", name="Summer sale", **brand).url
    drafts = [
        re.search(r"/brands/BR-\w+/", alice.open("/brands/?status=draft")).group(),
        re.search(r"/campaigns/CA-\w+/", begun).group(),
    ]
    campaigns = [
        alice.writes("campaigns", {**brand, **CAMPAIGN, "name": name})
        for name in ("Acme orders", "Acme deliveries")
    ]
    for campaign in campaigns:
        alice.sends_for_review(campaign)
    orders, _ = campaigns
    alice.press(orders, f"{orders}comment/", comment="The shop opens on Monday.")
    carol.act(orders, "approve")
    alice.waits_for(orders, "Registered confirmed")
    alice.links(orders, "14155550120", "14155550121", "14155550190")
    for person, new in ((alice, "/keys/new/"), (carol, "/keys/new/")):
        acme = {"organization": person.finds(new, "Acme Inc.")}
        person.press(new, new, **acme, name="shop system", life="90")
    new = "/webhooks/new/"
    acme = {"organization": alice.finds(new, "Acme Inc.")}
    alice.press(new, new, **acme, url=f"{portal.url}/metrics", scope="everything")
    forged = {"X-Plivo-Signature-V2": "bm90IFBsaXZvJ3M=", "X-Plivo-Signature-V2-Nonce": "1234"}
    said = {"CampaignID": "CFORGED", "Status": "COMPLETED"}
    requests.post(f"{portal.url}/callbacks/plivo/", said, headers=forged, timeout=10)
    return drafts
