"""A code beside the password: each is taken once, and who approves has one."""

import re
import time

import pyotp
import pytest
import segno
import time_machine
from django.test import Client

from portal.second_factor import codes
from registrations.models import Deed, SecurityEvent
from tests.portal.test_sign_in import FORM, PASSWORD, fields_of, hidden, is_signed_in, sign_in

pytestmark = pytest.mark.django_db

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
NOW = 1_780_000_000


@pytest.fixture(autouse=True)
def clock():
    """The clock stands still until a test moves it."""
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def shown(secret=SECRET, steps=0):
    """The code that an app shows, or did some steps of 30 seconds ago."""
    return pyotp.TOTP(secret).at(time.time() + 30 * steps)


@pytest.fixture
def has_app(clock):
    """Give this person an app, a while ago; answers her recovery codes."""

    def has_app(person):
        clock.shift(-3600)
        recovery = codes.add(person, SECRET, shown())
        clock.shift(3600)
        return recovery

    return has_app


@pytest.fixture
def demanded(settings):
    settings.SECOND_FACTOR_FOR_APPROVERS = True


# --- Signing in ------------------------------------------------------------------------------


def test_the_password_alone_opens_nothing(client, carol, has_app):
    has_app(carol)

    assert sign_in(client, "carol")["Location"] == "/sign-in/code/"

    assert not is_signed_in(client)


def test_the_code_of_the_app_opens(client, carol, has_app):
    has_app(carol)
    sign_in(client, "carol", next="/review/")

    answer = client.post("/sign-in/code/", {"code": f"{shown()[:3]} {shown()[3:]}"})

    assert answer["Location"] == "/review/"
    assert is_signed_in(client)


@pytest.mark.parametrize("steps, fits", [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_half_a_minute_off(client, carol, has_app, steps, fits):
    has_app(carol)
    sign_in(client, "carol")

    client.post("/sign-in/code/", {"code": shown(steps=steps)})

    assert is_signed_in(client) == fits


def test_a_code_is_taken_once(carol, has_app):
    has_app(carol)
    first, second = Client(), Client()
    for client in (first, second):
        sign_in(client, "carol")
        client.post("/sign-in/code/", {"code": shown()})

    assert is_signed_in(first)
    assert not is_signed_in(second)


def test_a_code_older_than_one_that_was_taken_fits_no_more(client, carol, has_app):
    has_app(carol)
    codes.use(carol, shown())

    with pytest.raises(codes.WrongCode):
        codes.use(carol, shown(steps=-1))


def test_the_code_that_set_the_app_up_does_not_sign_in(client, carol):
    codes.add(carol, SECRET, shown())
    sign_in(client, "carol")

    client.post("/sign-in/code/", {"code": shown()})

    assert not is_signed_in(client)


def test_a_recovery_code_opens_once_and_says_how_many_are_left(carol, has_app):
    recovery = has_app(carol)
    first, second = Client(), Client()
    for client in (first, second):
        sign_in(client, "carol")
        answer = client.post("/sign-in/code/", {"code": recovery[0].upper()}, follow=True)
        if client is first:
            assert "9 are left" in answer.content.decode()

    assert is_signed_in(first)
    assert not is_signed_in(second)


def test_recovery_codes_cannot_be_read_in_the_database(carol, has_app):
    recovery = has_app(carol)

    factor = codes.of(carol)

    assert len(set(recovery)) == 10
    assert not any(code.replace("-", "") in repr(factor.recovery_digests) for code in recovery)


def test_codes_are_not_guessed(client, carol, has_app, clock):
    has_app(carol)
    sign_in(client, "carol")
    for _ in range(5):
        client.post("/sign-in/code/", {"code": "000000"})

    locked = client.post("/sign-in/code/", {"code": shown()})
    clock.shift(301)
    opened = client.post("/sign-in/code/", {"code": shown()})

    assert locked.status_code == 429
    assert "Wait 5 minutes" in locked.content.decode()
    assert opened.status_code == 302
    assert SecurityEvent.objects.filter(deed=Deed.SECOND_FACTOR_FAILED, user=carol).count() == 5


def test_the_password_is_good_for_ten_minutes(client, carol, has_app, clock):
    has_app(carol)
    sign_in(client, "carol")
    clock.shift(601)

    assert client.post("/sign-in/code/", {"code": shown()})["Location"] == "/sign-in/"

    assert not is_signed_in(client)


def test_a_password_changed_in_between_is_not_good_any_more(client, carol, has_app):
    has_app(carol)
    sign_in(client, "carol")
    carol.set_password("another one")
    carol.save()

    client.post("/sign-in/code/", {"code": shown()})

    assert not is_signed_in(client)


def test_without_the_password_there_is_no_second_step(client, carol, has_app):
    has_app(carol)

    assert client.post("/sign-in/code/", {"code": shown()})["Location"] == "/sign-in/"


def test_what_was_typed_when_the_session_ended_survives_the_second_step(client, carol, has_app):
    has_app(carol)
    door = client.post("/brands/new/", FORM)
    sign_in(client, "carol", typed=hidden(door, "typed"))

    answer = client.post("/sign-in/code/", {"code": shown()})

    assert answer["Location"] == "/sign-in/typed/"
    assert ("ein", "12-3456789") in fields_of(client.get("/sign-in/typed/"))


# --- Setting it up and doing without -----------------------------------------------------------


def set_up(client):
    client.post("/second-factor/begin/")
    page = client.get("/second-factor/").content.decode()
    secret = re.search(r'class="secret"><code>([A-Z2-7 ]+)<', page).group(1).replace(" ", "")
    return page, secret, client.post("/second-factor/confirm/", {"code": shown(secret)})


def test_an_app_is_set_up_by_a_drawing_or_by_hand_and_a_first_code(client, alice):
    client.force_login(alice)

    page, _, answer = set_up(client)

    assert '<svg class="qr"' in page
    assert "style=" not in page
    assert len(re.findall(r"<li><code>[\w-]{14}</code>", answer.content.decode())) == 10
    assert codes.has_one(alice)
    assert SecurityEvent.objects.get().deed == Deed.SECOND_FACTOR_ADDED


def test_the_drawing_is_the_code_that_an_app_reads(alice, settings):
    settings.PUBLIC_URL = "https://portal.example.com"
    address = (
        "otpauth://totp/10DLC%20portal%20%28portal.example.com%29:alice"
        f"?secret={SECRET}&issuer=10DLC%20portal%20%28portal.example.com%29"
    )

    drawing = codes.drawing_for_app(alice, SECRET)

    dark = {
        (int(x) + step, int(y))
        for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", drawing.path)
        for step in range(int(length))
    }
    drawn = [[(x, y) in dark for x in range(drawing.size)] for y in range(drawing.size)]
    assert drawn == [
        [bool(m) for m in row] for row in segno.make_qr(address, error="m").matrix_iter()
    ]


def test_a_wrong_first_code_sets_nothing_up(client, alice):
    client.force_login(alice)
    client.post("/second-factor/begin/")

    page = client.post("/second-factor/confirm/", {"code": "000000"}).content.decode()

    assert "does not fit" in page
    assert not codes.has_one(alice)


def test_the_secret_is_ciphertext_at_rest(client, alice):
    client.force_login(alice)
    _, secret, _ = set_up(client)
    client.post("/second-factor/begin/", {"code": shown(secret, 1)})

    assert secret not in repr(dict(client.session))


def test_the_old_app_counts_until_the_new_one_showed_its_code(client, alice, has_app):
    has_app(alice)
    client.force_login(alice)
    refused = client.post("/second-factor/begin/", {"code": "000000"})
    client.post("/second-factor/begin/", {"code": shown()})

    assert "does not fit" in refused.content.decode()
    assert codes.of(alice).secret == SECRET
    page = client.get("/second-factor/").content.decode()
    new = re.search(r'class="secret"><code>([A-Z2-7 ]+)<', page).group(1).replace(" ", "")
    client.post("/second-factor/confirm/", {"code": shown(new)})
    assert codes.of(alice).secret == new


def test_new_recovery_codes_take_the_place_of_the_old(client, alice, has_app):
    (old, *_) = has_app(alice)
    client.force_login(alice)

    client.post("/second-factor/recovery-codes/", {"code": shown()})

    with pytest.raises(codes.WrongCode):
        codes.use(alice, old)


def test_it_is_removed_with_a_code_and_not_without(client, alice, has_app):
    has_app(alice)
    client.force_login(alice)

    client.post("/second-factor/remove/", {"code": "000000"})
    assert codes.has_one(alice)
    client.post("/second-factor/remove/", {"code": shown()})

    assert not codes.has_one(alice)
    assert SecurityEvent.objects.filter(deed=Deed.SECOND_FACTOR_REMOVED, user=alice).exists()


@pytest.mark.parametrize("address", ["recovery-codes", "remove"])
def test_who_has_none_has_nothing_to_renew_or_remove(client, alice, address):
    client.force_login(alice)

    page = client.post(f"/second-factor/{address}/", {"code": "000000"})

    assert page.status_code == 200


# --- Whoever approves ------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/review/", "/brands/", "/admin/", "/password/", "/search/"])
def test_who_approves_first_sets_one_up(client, carol, demanded, path):
    sign_in(client, "carol")

    assert client.get(path)["Location"] == "/second-factor/"
    assert client.post(path).status_code in (302, 405)


def test_before_that_she_approves_nothing(client, carol, demanded, draft_brand, alice):
    from registrations import actions

    actions.send_for_review(draft_brand, by=alice)
    sign_in(client, "carol")

    act = f"{draft_brand.get_absolute_url()}act/approve/"
    client.post(act, {"digest": actions.preview(draft_brand).digest})

    draft_brand.refresh_from_db()
    assert draft_brand.status == "in_review"


def test_the_api_and_live_parts_are_told_instead_of_sent_away(client, carol, demanded):
    sign_in(client, "carol")

    answer = client.get("/review/", headers={"HX-Request": "true"})

    assert answer.status_code == 403
    assert "second factor" in answer.content.decode()


def test_she_may_leave_and_machines_are_answered(client, carol, demanded):
    sign_in(client, "carol")

    assert client.get("/second-factor/").status_code == 200
    assert client.get("/healthz").status_code == 200
    assert client.post("/callbacks/plivo/nobodys-token/").status_code == 404
    assert client.post("/sign-out/")["Location"] == "/sign-in/"


def test_once_it_is_set_up_everything_opens(client, carol, demanded):
    sign_in(client, "carol")

    set_up(client)

    assert client.get("/review/").status_code == 200


def test_what_she_typed_before_it_was_demanded_is_kept(client, carol, settings):
    sign_in(client, "carol")
    settings.SECOND_FACTOR_FOR_APPROVERS = True
    client.post("/brands/new/", FORM)

    _, _, answer = set_up(client)

    assert 'href="/sign-in/typed/"' in answer.content.decode()
    assert ("ein", "12-3456789") in fields_of(client.get("/sign-in/typed/"))


def test_a_session_that_began_without_does_not_borrow_anothers(client, carol, demanded, has_app):
    client.force_login(carol)
    has_app(carol)

    assert client.get("/review/")["Location"].startswith("/sign-in/")

    assert not is_signed_in(client)


def test_who_approves_does_not_remove_it(client, carol, demanded, has_app):
    has_app(carol)
    sign_in(client, "carol")
    client.post("/sign-in/code/", {"code": shown()})

    client.post("/second-factor/remove/", {"code": shown(steps=1)})

    assert codes.has_one(carol)


@pytest.mark.parametrize("person", ["alice", "audrey", "oscar"])
def test_nobody_else_needs_one(client, request, demanded, person):
    request.getfixturevalue(person)
    sign_in(client, person, PASSWORD)

    assert client.get("/preferences/").status_code == 200
