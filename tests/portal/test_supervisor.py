"""`manage.py portal`: one foreground process that watches all parts."""

import os
import signal
import socket
from pathlib import Path

import pytest

from tests.journeys.stage import Portal, until


@pytest.fixture
def portal(tmp_path):
    portal = Portal(tmp_path)
    yield portal
    portal.stop_all()


def children_of(pid):
    """{command line: pid} of a process's children, as Linux tells them."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return {
        Path(f"/proc/{child}/cmdline").read_text().replace("\0", " "): int(child)
        for child in children
    }


def test_it_says_where_to_go_and_as_whom_and_stops_everything_when_asked(portal):
    portal.start_embedded()
    children = children_of(portal.processes["portal"].pid)

    status = portal.stop("portal", signal.SIGINT)

    told = portal.log("portal")
    assert status == 0
    assert f"open at {portal.url}/" in told
    assert "alice" in told and portal.password in told
    assert len(children) == 3
    for pid in children.values():
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_it_says_which_part_died_and_stops_the_others(portal):
    portal.start_embedded()
    children = children_of(portal.processes["portal"].pid)
    worker = next(pid for arguments, pid in children.items() if "celery" in arguments)

    os.killpg(worker, signal.SIGKILL)
    status = portal.processes["portal"].wait(60)

    assert status == 1
    assert "The worker ended unasked" in portal.log("portal")


def test_it_says_which_port_is_taken(portal):
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", portal.port))
        squatter.listen()

        portal.start("portal", "manage.py", "portal", "--port", str(portal.port))
        status = portal.processes["portal"].wait(60)

    assert status == 1
    assert f"Port {portal.port}" in portal.log("portal")
    assert "--port" in portal.log("portal")


def test_its_parts_do_not_outlive_it_if_it_is_killed(portal):
    portal.start_embedded()
    children = children_of(portal.processes["portal"].pid)

    portal.stop("portal", signal.SIGKILL)

    def all_gone():
        return not any(os.path.exists(f"/proc/{pid}") for pid in children.values())

    until(all_gone, "the parts to end")
