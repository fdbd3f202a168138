"""The sandbox behind a socket, and the command that runs it."""

import http.server
import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import requests

from registrations.plivo.sandbox import Sandbox, serve
from tests.plivo.sandbox_stage import AUTH_ID, AUTH_TOKEN, published

ROOT = Path(__file__).parents[2]
# How long a test waits for something that is bound to happen; it says nothing about speed.
PATIENCE = 30


@pytest.fixture
def http_session():
    with requests.Session() as session:
        session.trust_env = False
        session.auth = (AUTH_ID, AUTH_TOKEN)
        yield session


@pytest.fixture
def sandbox():
    sandbox = Sandbox({AUTH_ID: AUTH_TOKEN})
    sandbox.state.set(created_after=0, final_after=0, retry_scale=0)
    return sandbox


@pytest.fixture
def server(sandbox):
    with serve(sandbox) as server:
        yield server


@pytest.fixture
def receiver():
    """A portal that puts every callback into a queue: (url, words, the API's view of the brand)."""
    received = queue.Queue()

    class Handler(http.server.BaseHTTPRequestHandler):
        statuses: list[int] = []

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = self.statuses.pop(0) if self.statuses else 200
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "/elsewhere/")
            self.send_header("Content-Length", "0")
            self.end_headers()
            received.put((self.path, body.decode(), dict(self.headers)))

        def log_message(self, *args):
            pass

    portal = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=portal.serve_forever, args=(0.05,), daemon=True).start()
    received.handler = Handler
    received.url = f"http://127.0.0.1:{portal.server_port}/callbacks/plivo/token/"
    yield received
    portal.shutdown()
    portal.server_close()


def account(server, path):
    return f"{server.url}/v1/Account/{AUTH_ID}{path}"


def make_brand(session, server, url):
    profile = session.post(account(server, "/Profile/"), json=published("profile_create_request"))
    fields = published("brand_create_request") | {"profile_uuid": profile.json()["profile_uuid"]}
    return session.post(account(server, "/10dlc/Brand/"), json={**fields, "url": url})


def test_time_goes_by_itself_and_callbacks_arrive(server, http_session, receiver):
    brand_id = make_brand(http_session, server, receiver.url).json()["brand_id"]

    bodies = {receiver.get(timeout=PATIENCE)[1] for _ in range(2)}

    assert bodies == {
        f"type=brand&status=created&brand_id={brand_id}",
        f"type=brand&status=registered&brand_id={brand_id}",
    }


def test_a_redirect_is_not_followed_but_tried_again(server, http_session, receiver, sandbox):
    sandbox.state.set(final_after=10_000)
    receiver.handler.statuses = [302, 500]
    make_brand(http_session, server, receiver.url)

    paths = [receiver.get(timeout=PATIENCE)[0] for _ in range(3)]

    assert paths == ["/callbacks/plivo/token/"] * 3


def test_no_proxy_of_the_environment_sees_a_callback(server, http_session, receiver, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1/")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)

    make_brand(http_session, server, receiver.url)

    assert receiver.get(timeout=PATIENCE)


def test_a_lost_answer_leaves_the_client_without_one(server, http_session, sandbox):
    for extra in ({}, {"reset": True}):
        fault = {"kind": "lost_answer", "operation": "create_brand", **extra}
        http_session.post(f"{server.url}/control/faults", json=fault)

        with pytest.raises(requests.ConnectionError):
            make_brand(http_session, server, "")

    assert len(sandbox.state.brands.rows()) == 2


def test_a_truncated_answer_breaks_off(server, http_session):
    http_session.post(f"{server.url}/control/faults", json={"kind": "truncated"})

    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        http_session.get(account(server, "/Profile/"))


def test_a_held_answer_does_not_hold_up_the_others(server, http_session):
    fault = {"kind": "timeout_after", "seconds": 600, "operation": "list_brands"}
    http_session.post(f"{server.url}/control/faults", json=fault)
    with pytest.raises(requests.ReadTimeout):
        http_session.get(account(server, "/10dlc/Brand/"), timeout=0.2)

    assert http_session.get(account(server, "/10dlc/Brand/")).status_code == 200


def test_many_create_at_once_and_nothing_gets_lost(server, sandbox):
    def make(_):
        with requests.Session() as session:
            session.trust_env = False
            session.auth = (AUTH_ID, AUTH_TOKEN)
            for _ in range(5):
                assert make_brand(session, server, "").status_code == 200

    threads = [threading.Thread(target=make, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)

    assert len(sandbox.state.brands.rows()) == 40
    assert len({brand["profile_uuid"] for brand in sandbox.state.brands.rows()}) == 40


def test_a_request_without_a_sensible_length_is_refused(server):
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: huge\r\n\r\n")

        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")


def test_time_stands_still_for_whoever_keeps_it(sandbox, http_session, receiver):
    with serve(sandbox, keep_time=False) as server:
        make_brand(http_session, server, receiver.url)
        before = receiver.qsize()

        sent = sandbox.step(60)

    assert (before, sent, receiver.qsize()) == (0, 2, 2)


def test_a_stopped_sandbox_answers_nobody(sandbox, http_session):
    with serve(sandbox) as server:
        http_session.get(account(server, "/Profile/"))

    with pytest.raises(requests.ConnectionError):
        http_session.get(account(server, "/Profile/"))


def test_a_sandbox_that_was_stopped_goes_on_when_it_is_served_again(
    sandbox, http_session, receiver
):
    with serve(sandbox, keep_time=False) as server:
        make_brand(http_session, server, receiver.url)

    with serve(sandbox):
        words = {receiver.get(timeout=PATIENCE)[1].split("&")[1] for _ in range(2)}

    assert words == {"status=created", "status=registered"}


def test_a_port_that_is_taken_is_refused(server, sandbox):
    with pytest.raises(OSError, match="in use"):
        serve(sandbox, port=server.port)


def test_an_account_without_a_token_makes_no_sandbox():
    with pytest.raises(ValueError, match="auth token"):
        Sandbox({AUTH_ID: ""})


# --- The command ---


def run_command(tmp_path, *arguments):
    """The command in a process of its own, as a person starts it; with no database anywhere."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATA_DIR": str(tmp_path),
        "DATABASE_URL": "sqlite:////nowhere/at/all.sqlite3",
        "PLIVO_AUTH_ID": AUTH_ID,
        "PLIVO_AUTH_TOKEN": AUTH_TOKEN,
    }
    return subprocess.Popen(
        [sys.executable, "manage.py", "plivo_sandbox", *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_command_says_that_it_is_ready_and_stops_when_told(tmp_path, http_session, number):
    with run_command(tmp_path, "--port", "0", "--delay", "9") as process:
        ready = process.stdout.readline()
        url = ready.split()[-1]
        settings = http_session.get(f"{url}control/state").json()["settings"]
        process.send_signal(number)
        process.communicate(timeout=PATIENCE)

    assert ready.startswith("The Plivo sandbox is ready at http://127.0.0.1:")
    assert (settings["created_after"], settings["final_after"]) == (3, 9)
    assert process.returncode == 0
    assert (tmp_path / "sandbox.sqlite3").exists()


def test_a_brand_outlives_the_death_of_the_command(tmp_path, http_session, receiver):
    with run_command(tmp_path, "--port", "0", "--delay", "0.5") as process:
        url = process.stdout.readline().split()[-1].rstrip("/")
        request = {"server": type("Address", (), {"url": url}), "url": receiver.url}
        brand_id = make_brand(http_session, **request).json()["brand_id"]
        process.kill()
        process.communicate(timeout=PATIENCE)

    with run_command(tmp_path, "--port", "0") as process:
        process.stdout.readline()
        bodies = []
        while not any(f"status=registered&brand_id={brand_id}" in body for body in bodies):
            bodies.append(receiver.get(timeout=PATIENCE)[1])
        process.terminate()
        process.communicate(timeout=PATIENCE)


def test_the_command_may_begin_with_something_made_elsewhere_but_only_once(tmp_path, http_session):
    counted = []
    for _ in range(2):
        with run_command(tmp_path, "--port", "0", "--outside") as process:
            url = process.stdout.readline().split()[-1]
            counted.append(len(http_session.get(f"{url}control/state").json()["brands"]))
            process.terminate()
            process.communicate(timeout=PATIENCE)

    assert counted == [1, 1]


def test_the_command_explains_a_taken_port(tmp_path, server):
    with run_command(tmp_path, "--port", str(server.port)) as process:
        _, error = process.communicate(timeout=PATIENCE)

    assert process.returncode == 1
    assert f"Port {server.port} on 127.0.0.1 cannot be used" in error
    assert "Traceback" not in error


def test_the_command_explains_a_file_that_is_not_its_own(tmp_path):
    (tmp_path / "sandbox.json").write_text(json.dumps({"not": "ours"}) * 100)

    with run_command(tmp_path, "--port", "0", "--state", str(tmp_path / "sandbox.json")) as process:
        _, error = process.communicate(timeout=PATIENCE)

    assert process.returncode == 1
    assert "cannot be the sandbox's memory" in error and "Traceback" not in error
