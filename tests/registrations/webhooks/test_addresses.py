"""Where messages may go: never where only we can reach."""

from __future__ import annotations

import ipaddress
import time

import pytest

from registrations.notices.webhooks import addresses
from registrations.notices.webhooks.addresses import Unfit, check, demand_fit, is_of_the_world
from tests.registrations.webhooks.receiver import leads_to

GOOD = "https://hooks.example.com/10dlc"


@pytest.fixture(autouse=True)
def nothing_private(settings):
    settings.WEBHOOK_ALLOW_PRIVATE = False


@pytest.mark.parametrize(
    "text",
    [
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.1",
        "100.127.255.254",
        "127.0.0.1",
        "127.255.255.254",
        "168.63.129.16",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.0.170",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.7",
        "203.0.113.7",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "::ffff:0:127.0.0.1",
        "64:ff9b::127.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:0:7f00:1::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:a9fe:a9fe::1",
        "2002:c0a8:101::1",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ],
)
def test_nothing_is_sent_where_only_we_can_reach(text):
    assert not is_of_the_world(ipaddress.ip_address(text))
    with pytest.raises(Unfit, match="not a public address"):
        demand_fit(GOOD, resolve=leads_to(text))


@pytest.mark.parametrize(
    "text",
    [
        "1.1.1.1",
        "8.8.8.8",
        "100.63.255.255",
        "100.128.0.1",
        "172.32.0.1",
        "2606:4700:4700::1111",
        "2a00:1450:4001:813::200e",
        "::ffff:8.8.8.8",
        "64:ff9b::8.8.8.8",
        "2002:808:808::1",
    ],
)
def test_what_everybody_reaches_is_fit(text):
    assert is_of_the_world(ipaddress.ip_address(text))
    assert demand_fit(GOOD, resolve=leads_to(text)).host == "hooks.example.com"


def test_one_bad_answer_among_good_ones_spoils_all():
    for answers in (("8.8.8.8", "10.0.0.1"), ("10.0.0.1", "8.8.8.8"), ("1.1.1.1", "::1")):
        with pytest.raises(Unfit):
            demand_fit(GOOD, resolve=leads_to(*answers))


def test_an_address_on_one_link_only_is_unfit():
    with pytest.raises(Unfit):
        demand_fit(GOOD, resolve=leads_to("fe80::1%eth0"))
    with pytest.raises(Unfit):
        demand_fit(GOOD, resolve=leads_to("2606:4700::1%eth0"))


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://localhost/",
        "https://localhost./",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0x7f.1/",
        "https://0177.0.0.1/",
        "https://127.1/",
        "https://0/",
        "https://169.254.169.254/latest/meta-data/",
        "https://①②⑦.⓪.⓪.①/",
    ],
)
def test_this_machine_is_unfit_however_it_is_written(url):
    with pytest.raises(Unfit):
        demand_fit(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hooks.example.com",
        "//hooks.example.com/",
        "http://hooks.example.com/",
        "HTTP://hooks.example.com/",
        "ftp://hooks.example.com/",
        "file:///etc/passwd",
        "gopher://hooks.example.com/",
        "javascript:alert(1)",
        "https://",
        "https:///path",
        "https://:443/",
        "https://alice@hooks.example.com/",
        "https://alice:secret@hooks.example.com/",
        "https://hooks.example.com@127.0.0.1/",
        "https://@hooks.example.com/",
        "https://hooks.example.com/#there",
        "https://hooks.example.com/#",
        "https://hooks.example.com:0/",
        "https://hooks.example.com:99999/",
        "https://hooks.example.com:x/",
        "https://hooks.example.com/a b",
        "https://hooks.example.com/\r\nX-Evil: 1",
        "https://hooks.example.com/\x00",
        "https://hooks.example.com\\@127.0.0.1/",
        "https://hooks..example.com/",
        "https://.example.com/",
        "https://ex%61mple.com/",
        "https://[::1/",
        f"https://{'a' * 64}.example.com/",
        " https://hooks.example.com/",
        "https://hooks.example.com/\u202e",
    ],
)
def test_addresses_of_another_form_are_refused(url):
    with pytest.raises(Unfit):
        check(url)


def test_an_address_is_taken_apart_as_it_is_sent():
    target = check("https://Hooks.Example.com:8443/a/é?b=ü&c=%41")

    assert (target.host, target.port) == ("hooks.example.com", 8443)
    assert target.path == "/a/%C3%A9?b=%C3%BC&c=%41"
    assert target.host_header == "hooks.example.com:8443"


def test_names_in_other_scripts_are_asked_for_as_the_domain_name_system_knows_them():
    assert check("https://bücher.example/").host == "xn--bcher-kva.example"


def test_an_address_of_version_6_is_named_in_brackets():
    assert check("https://[2606:4700::1]/").host_header == "[2606:4700::1]"


def test_a_name_that_nobody_knows_is_unfit():
    def nobody(*_, **__):
        raise OSError("Name or service not known")

    with pytest.raises(Unfit, match="not known"):
        demand_fit(GOOD, resolve=nobody)
    with pytest.raises(Unfit, match="not known"):
        demand_fit(GOOD, resolve=lambda *_, **__: [])


def test_a_resolver_that_does_not_answer_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(addresses, "RESOLVE_SECONDS", 0.2)
    begun = time.monotonic()

    with pytest.raises(Unfit, match="not found within"):
        demand_fit(GOOD, resolve=lambda *_, **__: time.sleep(1) or [])

    assert time.monotonic() - begun < 2


def test_where_it_is_allowed_a_machine_of_ours_may_be_told_without_tls(settings):
    settings.WEBHOOK_ALLOW_PRIVATE = True

    assert demand_fit("http://127.0.0.1:9000/hook").port == 9000
    with pytest.raises(Unfit):
        check("file:///etc/passwd")
    with pytest.raises(Unfit):
        check("http://alice@127.0.0.1/")
