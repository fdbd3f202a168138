"""What Plivo says of numbers, and what we make of it, from a server that says what we tell it."""

import pytest

from registrations.models import PlivoAccount
from registrations.plivo.owning import Owning, Standing
from tests.plivo.client_stage import AUTH_ID, StubServer, is_silent, page, says

pytestmark = pytest.mark.django_db

NUMBER = "14155550100"


@pytest.fixture
def account(db):
    account = PlivoAccount.objects.create(auth_id=AUTH_ID)
    account.tokens.create(token="a-token")
    return account


@pytest.fixture
def server(settings):
    server = StubServer()
    settings.PLIVO_API_URL = server.url
    yield server
    server.stop()


def row(**facts):
    return says({"number": NUMBER, "sms_enabled": True, "sub_account": None, **facts})


def ask(account, *numbers, subaccounts=(), most=10, seconds=4):
    owning = Owning(account, subaccounts=subaccounts, most=most, seconds=seconds)
    return owning.ask(numbers or [NUMBER])


def standing(account, **options):
    return ask(account, **options)[NUMBER].standing


def test_a_number_of_the_account_is_ours(account, server):
    server.will(row(tendlc_campaign_id="C1"))

    answer = ask(account)[NUMBER]

    assert (answer.standing, answer.campaign_id) == (Standing.OURS, "C1")
    assert server.last.path == f"/v1/Account/{AUTH_ID}/Number/{NUMBER}/"


def test_a_number_that_plivo_does_not_find_is_not_rented(account, server):
    server.will(says({"error": "not found"}, 404))

    assert standing(account) is Standing.NOT_RENTED


def test_a_number_with_sms_switched_off_cannot_send(account, server):
    server.will(row(sms_enabled=False))

    assert standing(account) is Standing.WITHOUT_SMS


@pytest.mark.parametrize("named", ["SAOTHER", "/v1/Account/SAOTHER/"])
def test_a_number_of_a_subaccount_is_that_ones(account, server, named):
    server.will(row(sub_account=named), row(sub_account=named))

    assert standing(account) is Standing.OF_ANOTHER_SUBACCOUNT
    assert standing(account, subaccounts=["SAOTHER"]) is Standing.OURS


@pytest.mark.parametrize("named", ["", None, AUTH_ID])
def test_a_number_of_the_account_itself_is_ours(account, server, named):
    server.will(row(sub_account=named))

    assert standing(account) is Standing.OURS


@pytest.mark.parametrize(
    "answer",
    [
        page("<h1>Not found</h1>", 404),
        page("<h1>Fine</h1>"),
        says({"error": "bad"}, 400),
        says({"api_id": "x"}),
        says({"error": "slow down"}, 429, Retry_After="9"),
        says({"error": "who are you"}, 401),
    ],
)
def test_an_answer_that_does_not_say_is_no_verdict(account, server, answer):
    server.will(answer)

    assert standing(account) is Standing.UNKNOWN


def test_what_is_not_answered_in_time_is_unknown(account, server):
    server.will(is_silent)

    assert standing(account, seconds=0.4) is Standing.UNKNOWN


def test_no_more_is_asked_than_was_agreed(account, server):
    server.will(row(), row(), row())
    owning = Owning(account, most=2, seconds=4)

    first = owning.ask(["14155550100", "14155550101", "14155550102"])
    second = owning.ask(["14155550103"])

    assert [answer.standing for answer in first.values()] == [
        Standing.OURS, Standing.OURS, Standing.UNKNOWN,
    ]  # fmt: skip
    assert second["14155550103"].standing is Standing.UNKNOWN
    assert len(server.requests) == 2


def test_without_a_live_token_nobody_is_asked(account, server):
    account.tokens.all().delete()

    assert standing(account) is Standing.UNKNOWN
    assert server.requests == []


def test_a_paused_account_is_not_asked(account, server):
    account.pause("The token is not accepted.")

    assert standing(account) is Standing.UNKNOWN
    assert server.requests == []
