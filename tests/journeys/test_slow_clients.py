"""Clients that never finish what they say do not keep Plivo from being heard."""

import json
import socket

import pytest
import requests

from registrations.plivo.signature import V2, V2_NONCE, v2_signature

SLOW = 60


@pytest.fixture
def token(portal):
    return json.loads((portal.folder / "keys.json").read_text())["PLIVO_AUTH_TOKEN"]


@pytest.mark.parametrize(
    "beginning",
    [
        b"POST /callbacks/plivo/ HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Half: ",
        b"POST /callbacks/plivo/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 999\r\n\r\nhalf",
    ],
    ids=["half a header", "half a body"],
)
def test_a_callback_is_taken_while_sixty_slow_clients_hang_on(portal, token, beginning):
    clients = [socket.create_connection(("127.0.0.1", portal.port)) for _ in range(SLOW)]
    for client in clients:
        client.sendall(beginning)
    url = f"{portal.url}/callbacks/plivo/"
    headers = {V2: v2_signature(url, f"{len(beginning)}", token), V2_NONCE: f"{len(beginning)}"}

    answer = requests.post(url, data={"status": "registered"}, headers=headers, timeout=30)

    assert (answer.status_code, answer.json()) == (200, {"outcome": "unrecognised"})
    for client in clients:
        client.close()
