"""A server for the client's tests."""

import pytest

from tests.plivo.client_stage import StubServer


@pytest.fixture
def server():
    server = StubServer()
    yield server
    server.stop()
