"""What keeps the portal from starting, and what it says then."""

import os
import subprocess
import sys

import pytest
from cryptography.fernet import Fernet

from tests.journeys.stage import ROOT

GOOD = {
    "DEBUG": "false",
    "SECRET_KEY": "s" * 60,
    "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
    "INDEX_KEY": "i" * 30,
    "ALLOWED_HOSTS": "portal.example.com",
    "PUBLIC_URL": "https://portal.example.com",
    "PLIVO_API_URL": "https://api.plivo.com",
    "PLIVO_AUTH_ID": "MAXXXXXXXXXXXXXXXXXX",
    "PLIVO_AUTH_TOKEN": "t" * 40,
}


def start(tmp_path, code="import portal.wsgi", **changes):
    own = {"DATA_DIR": str(tmp_path), "PATH": os.environ["PATH"], "ENV_FILE": os.devnull}
    environment = {**GOOD, **own, **changes}
    environment = {name: value for name, value in environment.items() if value is not None}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )


def test_a_complete_configuration_starts(tmp_path):
    done = start(tmp_path)

    assert done.returncode == 0, done.stderr


def test_without_debug_the_sandbox_is_no_address(tmp_path):
    done = start(tmp_path, PLIVO_API_URL=None)

    assert done.returncode == 1
    assert "PLIVO_API_URL still points to the sandbox" in done.stderr


@pytest.mark.parametrize("name", ["SECRET_KEY", "ENCRYPTION_KEYS", "INDEX_KEY", "PLIVO_AUTH_TOKEN"])
def test_a_missing_secret_is_named(tmp_path, name):
    done = start(tmp_path, **{name: None})

    assert done.returncode == 1
    assert f"{name} is not set" in done.stderr


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"PLIVO_API_URL": "http://api.plivo.com"}, "must begin with https"),
        ({"PLIVO_API_URL": "https://api.plivo.com/v1/"}, "scheme and host only"),
        ({"PUBLIC_URL": "http://portal.example.com"}, "PUBLIC_URL must be the https address"),
        ({"ENCRYPTION_KEYS": "nonsense"}, "no Fernet key"),
        ({"ALLOWED_HOSTS": "*"}, "must name the hosts"),
    ],
)
def test_a_dangerous_value_is_explained(tmp_path, changes, said):
    done = start(tmp_path, **changes)

    assert done.returncode == 1
    assert said in done.stderr


def test_several_processes_that_start_together_make_up_the_same_keys(tmp_path):
    code = "from django.conf import settings; print(settings.SECRET_KEY)"
    environment = {
        "DEBUG": "true",
        "DATA_DIR": str(tmp_path),
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "portal.settings",
    }

    running = [
        subprocess.Popen(
            [sys.executable, "-c", code], cwd=ROOT, env=environment, stdout=subprocess.PIPE
        )
        for _ in range(4)
    ]

    assert len({process.communicate()[0] for process in running}) == 1


def test_answers_carry_hsts_though_the_proxy_speaks_http_to_us(tmp_path):
    code = """
import sys
from portal.wsgi import application
environ = {
    "REQUEST_METHOD": "GET", "PATH_INFO": "/healthz", "SERVER_NAME": "portal.example.com",
    "SERVER_PORT": "80", "wsgi.url_scheme": "http", "wsgi.input": sys.stdin.buffer,
}
application(environ, lambda status, headers: print(status, dict(headers)))
"""
    done = start(tmp_path, code)

    assert "200 OK" in done.stdout, done.stderr
    assert "'Strict-Transport-Security': 'max-age=31536000; includeSubDomains" in done.stdout
