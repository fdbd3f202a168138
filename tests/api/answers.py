"""Who is answered what, operation by operation: the expectation of `test_scopes.py`.

A column is a key of somebody at Acme with this one scope (every key may read), or

    nobody   no key at all
    unknown  a key that was never made, and `revoked` one that is over
    all      alice's key, for all that a marketer may
    foreign  a key of Globex, for all that its marketer may
    house    a key of carol's for Globex, for all that compliance may
    browser  alice, signed in to the pages

`approve` is a key of carol's, who is of compliance; all others are alice's, who asked for whatever
was asked for. An answer is a status, and nothing has changed; or `done`, and something has.
`about` names the thing of Acme's that it is about; to both keys of Globex, it does not exist.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from registrations import actions
from tests.conftest import BRAND, CAMPAIGN
from tests.portal.world import Estate

CALLERS = ["nobody", "unknown", "revoked", "read", "draft", "submit", "approve", "evidence", "all",
           "foreign", "house", "browser"]  # fmt: skip

TABLE = """
operation                       about      method nobody   unknown  revoked  read     draft    submit   approve  evidence all      foreign  house    browser
api-organization-list           -          GET    401      401      401      200      403      403      403      403      200      200      200      200
api-organization-detail         acme       GET    401      401      401      200      403      403      403      403      200      404      404      200
api-brand-list                  -          GET    401      401      401      200      403      403      403      403      200      200      200      200
api-brand-list                  -          POST   401      401      401      403      done     403      403      403      done     done     done     done
api-brand-detail                draft      GET    401      401      401      200      403      403      403      403      200      404      404      200
api-brand-detail                draft      PATCH  401      401      401      403      done     403      403      403      done     404      404      done
api-brand-approve               in_review  POST   401      401      401      403      403      403      done     403      403      403      404      403
api-brand-ask-deactivation      torn       POST   401      401      401      403      403      done     403      403      done     404      404      done
api-brand-comment               rejected   POST   401      401      401      403      done     403      403      403      done     404      404      done
api-brand-confirm               registered POST   401      401      401      403      done     403      403      403      done     404      404      done
api-brand-deactivate            ending     POST   401      401      401      403      403      403      done     403      403      403      404      403
api-brand-preview               in_review  GET    401      401      401      200      403      403      403      403      200      404      404      200
api-brand-return                in_review  POST   401      401      401      403      403      403      done     403      403      403      404      403
api-brand-revise                rejected   POST   401      401      401      403      done     403      403      403      done     404      404      done
api-brand-settle-conflict       torn       POST   401      401      401      403      403      403      done     403      403      403      404      403
api-brand-submit                draft      POST   401      401      401      403      403      done     403      403      done     404      404      done
api-brand-take-back             queued     POST   401      401      401      403      403      403      done     403      403      403      404      403
api-brand-usecases              registered GET    401      401      401      200      403      403      403      403      200      404      404      200
api-brand-withdraw              in_review  POST   401      401      401      403      403      done     403      403      done     404      404      done
api-campaign-list               -          GET    401      401      401      200      403      403      403      403      200      200      200      200
api-campaign-list               -          POST   401      401      401      403      done     403      403      403      done     400      400      done
api-campaign-detail             draft      GET    401      401      401      200      403      403      403      403      200      404      404      200
api-campaign-detail             draft      PATCH  401      401      401      403      done     403      403      403      done     404      404      done
api-campaign-approve            in_review  POST   401      401      401      403      403      403      done     403      403      403      404      403
api-campaign-ask-deactivation   registered POST   401      401      401      403      403      422      403      403      422      404      404      422
api-campaign-comment            rejected   POST   401      401      401      403      done     403      403      403      done     404      404      done
api-campaign-confirm            registered POST   401      401      401      403      done     403      403      403      done     404      404      done
api-campaign-deactivate         ending     POST   401      401      401      403      403      403      done     403      403      403      404      403
api-campaign-preview            in_review  GET    401      401      401      200      403      403      403      403      200      404      404      200
api-campaign-return             in_review  POST   401      401      401      403      403      403      done     403      403      403      404      403
api-campaign-revise             rejected   POST   401      401      401      403      done     403      403      403      done     404      404      done
api-campaign-settle-conflict    torn       POST   401      401      401      403      403      403      done     403      403      403      404      403
api-campaign-submit             draft      POST   401      401      401      403      403      done     403      403      done     404      404      done
api-campaign-take-back          queued     POST   401      401      401      403      403      403      done     403      403      403      404      403
api-campaign-withdraw           in_review  POST   401      401      401      403      403      done     403      403      done     404      404      done
api-number_link-list            -          GET    401      401      401      200      403      403      403      403      200      200      200      200
api-number_link-list            -          POST   401      401      401      403      done     403      403      403      done     400      400      done
api-number_link-detail          linked     GET    401      401      401      200      403      403      403      403      200      404      404      200
api-number_link-detail          linked     PATCH  401      401      401      403      done     403      403      403      done     404      404      done
api-number_link-comment         linked     POST   401      401      401      403      done     403      403      403      done     404      404      done
api-number_link-confirm         linked     POST   401      401      401      403      done     403      403      403      done     404      404      done
api-number_link-link            failed     POST   401      401      401      403      done     403      403      403      done     404      404      done
api-number_link-settle-conflict torn       POST   401      401      401      403      403      403      done     403      403      403      404      403
api-number_link-take-back       queued     POST   401      401      401      403      403      403      done     403      403      403      404      403
api-number_link-unlink          linked     POST   401      401      401      403      done     403      403      403      done     404      404      done
api-submission-list             -          GET    401      401      401      403      403      403      403      200      200      200      200      200
api-submission-detail           undecided  GET    401      401      401      403      403      403      403      200      200      404      404      200
api-submission-decide           undecided  POST   401      401      401      403      403      403      done     403      403      403      404      403
api-audit-entry-list            -          GET    401      401      401      403      403      403      403      200      200      200      200      200
api-audit-entry-detail          line       GET    401      401      401      403      403      403      403      200      200      404      404      200
api-preflight-list              -          POST   401      401      401      200      403      403      403      403      200      200      200      200
api-enums-list                  -          GET    401      401      401      200      403      403      403      403      200      200      200      200
api-link-batch-list             -          GET    401      401      401      200      403      403      403      403      200      200      200      200
api-link-batch-list             -          POST   401      401      401      403      done     403      403      403      done     done     done     done
api-link-batch-detail           batch      GET    401      401      401      200      403      403      403      403      200      404      404      200
api-link-batch-items            batch      GET    401      401      401      200      403      403      403      403      200      404      404      200
api-import-brands               -          POST   401      401      401      403      done     403      403      403      done     done     done     done
api-import-campaigns            -          POST   401      401      401      403      done     403      403      403      done     200      200      done
api-adoptable-list              -          GET    401      401      401      403      403      403      503      403      403      403      503      403
api-adoptable-adopt             -          POST   401      401      401      403      403      403      503      403      403      403      503      403
events-list                     -          GET    401      401      401      200      403      403      403      403      200      200      200      200
webhooks-list                   -          GET    401      401      401      200      403      403      403      403      200      200      200      200
webhooks-list                   -          POST   401      401      401      403      done     403      403      403      done     done     403      done
webhooks-detail                 webhook    GET    401      401      401      200      403      403      403      403      200      404      404      200
webhooks-detail                 webhook    PATCH  401      401      401      403      done     403      403      403      done     404      404      done
webhooks-detail                 webhook    DELETE 401      401      401      403      done     403      403      403      done     404      404      done
webhooks-deliveries             webhook    GET    401      401      401      200      403      403      403      403      200      404      404      200
webhooks-pause                  webhook    POST   401      401      401      403      done     403      403      403      done     404      404      done
webhooks-redeliver              webhook    POST   401      401      401      403      done     403      403      403      done     404      404      done
webhooks-resume                 webhook    POST   401      401      401      403      409      403      403      403      409      404      404      409
webhooks-rotate-secret          webhook    POST   401      401      401      403      done     403      403      403      done     404      404      done
webhooks-test                   webhook    POST   401      401      401      403      done     403      403      403      done     404      404      done
api-callback-list               -          GET    401      401      401      403      403      403      403      200      200      200      200      200
api-callback-detail             applied    GET    401      401      401      403      403      403      403      200      200      404      404      200
api-callback-detail             unapplied  GET    401      401      401      403      403      403      403      200      200      404      404      200
api-callback-detail             forged     GET    401      401      401      403      403      403      403      404      404      404      404      404
"""


@dataclass(frozen=True)
class Row:
    """One way of using one operation, and the answer for each caller."""

    label: str
    about: str
    method: str
    answers: dict[str, str]

    def __str__(self) -> str:
        """As the tests are called: "api-brand-submit draft POST"."""
        return " ".join(word for word in (self.label, self.about, self.method) if word != "-")


def rows() -> list[Row]:
    lines = [line.split() for line in TABLE.strip().splitlines() if line and line[0] != "#"]
    return [
        Row(label, about, method, dict(zip(CALLERS, told, strict=True)))
        for label, about, method, *told in lines[1:]
    ]


def _thing(row: Row, estate: Estate) -> Any:
    """What of Acme's the row is about."""
    kind = row.label.removeprefix("api-").partition("-")[0]
    if kind in ("brand", "campaign", "number_link"):
        return estate.of_kind(kind)[row.about]
    if kind == "callback":
        return estate.callbacks[row.about]
    return {
        "undecided": estate.undecided,
        "line": estate.brands["rejected"].trail.get,
        "batch": getattr(estate, "batch", None),
        "webhook": estate.webhook,
        "acme": estate.organization,
    }[row.about]


def places(row: Row, estate: Estate) -> dict[str, Any]:
    """What fills the places of the row's address."""
    if row.about == "-":
        return {}
    thing = _thing(row, estate)
    thing = thing() if callable(thing) else thing
    message = f"msg_{estate.mark}"
    return {
        "reference": getattr(thing, "reference", ""),
        "pk": thing.pk,
        "message_id": message,
    }


def content_type(row: Row) -> str:
    return "text/csv" if row.label.startswith("api-import") else "application/json"


def sent(row: Row, estate: Estate) -> str:
    """The body of a POST or PATCH."""
    if row.label == "api-import-brands":
        return "name,entity_type\nAnother brand,PRIVATE\n"
    if row.label == "api-import-campaigns":
        return f"name,brand\nAnother campaign,{estate.brands['registered'].reference}\n"
    made = BODIES.get(f"{row.label} {row.method}") or BODIES.get(row.label.rpartition("-")[2])
    return json.dumps(made(row, estate) if made else {})


def _new_link(row: Row, estate: Estate) -> dict[str, Any]:
    return {"campaign": estate.campaigns["registered"].reference, "number": "14155550188"}


def _digest(row: Row, estate: Estate) -> dict[str, Any]:
    return {"digest": actions.preview(_thing(row, estate)).digest}


BODIES: dict[str, Any] = {
    "api-brand-list POST": lambda row, estate: {**BRAND, "ein": "12-3456799"},
    "api-campaign-list POST": lambda row, estate: {
        **CAMPAIGN,
        "brand": estate.brands["registered"].reference,
    },
    "api-number_link-list POST": _new_link,
    "api-brand-detail PATCH": lambda row, estate: {"website": "https://www.example.com/shoes"},
    "api-campaign-detail PATCH": lambda row, estate: {"description": "x" * 50},
    "api-number_link-detail PATCH": lambda row, estate: {"external_id": "shop-7"},
    "api-preflight-list POST": lambda row, estate: {"kind": "brand", **BRAND},
    "api-link-batch-list POST": lambda row, estate: {"items": [_new_link(row, estate)]},
    "webhooks-list POST": lambda row, estate: {"url": "http://127.0.0.1:9/new"},
    "webhooks-detail PATCH": lambda row, estate: {"description": "Of the shop"},
    "api-submission-decide POST": lambda row, estate: {"decision": "send_again"},
    "approve": _digest,
    "return": lambda row, estate: {"note": "Say more."},
    "comment": lambda row, estate: {"text": "Seen."},
    "conflict": lambda row, estate: {"note": "Plivo says so."},
    "api-adoptable-adopt POST": lambda row, estate: {"items": [{"plivo_id": "BNOWHERE"}]},
}
