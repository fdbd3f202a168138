"""Who is answered what, address by address: the expectation of `test_who_may_what.py`.

A column is a person, an answer is one of

    200, 403…  this status, and nothing has changed
    door       sent to the sign-in page, and nothing has changed
    302        sent elsewhere, and nothing has changed
    told       sent elsewhere, told why not, and nothing has changed
    done       done: something has changed

Whatever method is not named for an address is not understood there (405), or refused before.

alice is a marketer of Acme, bob of another company; carol is compliance, audrey audits, oscar
operates, nora is a member of Acme without any role, and root is a superuser. `about` names the
thing of Acme's that the address is about. `:` sets several ways of using one address apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.tokens import default_token_generator
from django.contrib.contenttypes.models import ContentType
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from registrations import actions
from tests.portal.world import PASSWORD, PERSONAS, World

PORTAL = """
address                       about       method  nobody  alice  bob   carol  audrey  oscar  nora  root
home                          -           GET     door    200    200   200    200     200    200   200
search                        -           GET     door    200    200   200    200     200    200   200
stuck                         -           GET     door    200    200   200    200     200    200   200
preferences                   -           GET     door    200    200   200    200     200    200   200
preferences                   -           POST    door    done   done  done   done    done   done  done

# The door
sign-in                       -           GET     200     302    302   302    302     302    302   302
sign-in                       -           POST    done    done   done  done   done    done   done  done
sign-in:wrong                 -           POST    200     200    200   200    200     200    200   200
sign-in-code                  -           GET     door    door   door  door   door    door   door  door
sign-in-code                  -           POST    door    door   door  door   door    door   door  door
typed-again                   -           GET     door    302    302   302    302     302    302   302
typed-again                   -           POST    door    302    302   302    302     302    302   302
sign-out                      -           POST    door    door   door  door   door    door   door  door
password-change               -           GET     door    200    200   200    200     200    200   200
password-change               -           POST    door    done   done  done   done    done   done  done
password-reset                -           GET     200     200    200   200    200     200    200   200
password-reset                -           POST    302     302    302   302    302     302    302   302
password-reset-sent           -           GET     200     200    200   200    200     200    200   200
password-reset-choose         -           GET     302     302    302   302    302     302    302   302
password-reset-choose         -           POST    302     302    302   302    302     302    302   302
password-reset-choose:old     -           GET     200     200    200   200    200     200    200   200
password-reset-choose:old     -           POST    200     200    200   200    200     200    200   200
invitation                    -           GET     302     302    302   302    302     302    302   302
invitation                    -           POST    302     302    302   302    302     302    302   302
second-factor                 -           GET     door    200    200   200    200     200    200   200
second-factor-begin           -           POST    door    302    302   302    302     302    302   302
second-factor-forget          -           POST    door    302    302   302    302     302    302   302
second-factor-confirm         -           POST    door    told   told  told   told    told   told  told
second-factor-renew           -           POST    door    200    200   200    200     200    200   200
second-factor-remove          -           POST    door    200    200   200    200     200    200   200

# People: they are operators' affair
people                        -           GET     door    403    403   403    403     200    403   200
person-new                    -           GET     door    403    403   403    403     200    403   200
person-new                    -           POST    door    403    403   403    403     done   403   done
person                        alice       GET     door    403    403   403    403     200    403   200
person-access                 alice       POST    door    403    403   403    403     done   403   done
person-address                alice       POST    door    403    403   403    403     done   403   done
person-act:deactivate         alice       POST    door    403    403   403    403     done   403   done
person-act:invite-again       alice       POST    door    403    403   403    403     302    403   302
person-act:reactivate         alice       POST    door    403    403   403    403     302    403   302
person-act:remove-second-factor  alice    POST    door    403    403   403    403     told   403   told
person-act:promote            alice       POST    door    403    403   403    403     404    403   404
person                        root        GET     door    403    403   403    403     200    403   200
person-access                 root        POST    door    403    403   403    403     told   403   told
person-act:deactivate         root        POST    door    403    403   403    403     told   403   told

# For machines
healthz                       -           GET     200     200    200   200    200     200    200   200
readyz                        -           GET     200     200    200   200    200     200    200   200
metrics                       -           GET     200     200    200   200    200     200    200   200
favicon.ico                   -           GET     301     301    301   301    301     301    301   301
plivo-callback-fixed          -           GET     403     403    403   403    403     403    403   403
plivo-callback-fixed          -           POST    403     403    403   403    403     403    403   403
plivo-callback                undecided   GET     403     403    403   403    403     403    403   403
plivo-callback                undecided   POST    403     403    403   403    403     403    403   403
plivo-callback                nothing     GET     404     404    404   404    404     404    404   404
plivo-callback                nothing     POST    404     404    404   404    404     404    404   404
callbacks/^plivo              -           GET     404     404    404   404    404     404    404   404
callbacks/^plivo              -           POST    404     404    404   404    404     404    404   404

# Callbacks
callback-list                 -           GET     door    200    200   200    200     200    200   200
callback-list:csv             -           GET     door    200    200   200    200     200    200   200
callback-news                 -           GET     door    200    200   200    200     200    200   200
callback-test                 -           GET     door    403    403   200    403     200    403   200
callback-test                 -           POST    door    403    403   200    403     200    403   200
callback-verify-all           -           POST    door    403    403   302    403     302    403   302
callback                      applied     GET     door    200    404   200    200     200    404   200
callback                      forged      GET     door    200    404   200    200     200    404   200
callback                      stray       GET     door    404    404   200    200     200    404   200
callback-verify               forged      POST    door    403    404   told   403     told   404   told
callback-verify               stray       POST    door    404    404   told   403     told   404   told
callback-verify               applied     POST    door    403    404   told   403     told   404   told
callback-apply                unapplied   POST    door    403    404   done   403     done   404   done
callback-apply                applied     POST    door    403    404   told   403     told   404   told

# The desk
review                        -           GET     door    403    403   200    200     200    403   200
review-counts                 -           GET     door    403    403   200    200     200    403   200
review-several                in_review   GET     door    403    403   200    200     200    403   200
review-several                in_review   POST    401     403    403   done   200     200    403   200
review-request                in_review   GET     door    403    403   200    200     200    403   200
review-request                undecided   GET     door    403    403   200    200     200    403   200
review-approve                in_review   POST    401     403    403   done   told    told   403   told
review-return                 in_review   POST    401     403    403   done   200     200    403   200
submission-decide             undecided   POST    401     told   404   done   told    told   404   told

# Adoption: Plivo does not answer here, which is told on the page
adopt                         -           GET     door    403    403   200    403     200    403   200
adopt:look                    -           GET     door    403    403   200    403     200    403   200
adopt                         -           POST    door    403    403   200    403     200    403   200

# Brands
brand-list                    -           GET     door    200    200   200    200     200    200   200
brand-export                  -           GET     door    200    200   200    200     200    200   200
brand-new                     -           GET     door    200    200   200    403     403    403   403
brand-new                     -           POST    401     done   done  done   403     403    403   403
brand-edit                    draft       GET     door    302    404   302    403     403    403   403
brand-edit-step               draft       GET     door    200    404   200    403     403    403   403
brand-edit-step               draft       POST    401     done   404   done   403     403    403   403
brand-edit-step:check         draft       POST    401     done   404   told   403     403    403   403
brand                         registered  GET     door    200    404   200    200     200    404   200
brand-live                    registered  GET     door    200    404   200    200     200    404   200
brand-comment                 registered  POST    401     done   404   done   told    done   404   done
brand-reveal                  registered  POST    401     told   404   done   told    told   404   told
brand-act:submit              draft       POST    401     done   404   told   told    told   404   told
brand-act:withdraw            in_review   POST    401     done   404   told   told    told   404   told
brand-act:approve             in_review   POST    401     told   404   done   told    told   404   told
brand-act:return              in_review   POST    401     told   404   done   told    told   404   told
brand-act:revise              rejected    POST    401     done   404   done   told    told   404   told
brand-act:take-back           queued      POST    401     told   404   done   told    told   404   told
brand-act:confirm             registered  POST    401     done   404   done   told    done   404   done
brand-act:settle-conflict     torn        POST    401     told   404   done   told    told   404   told
brand-act:ask-deactivation    rejected    POST    401     done   404   done   told    told   404   told
brand-act:deactivate          ending      POST    401     told   404   done   told    told   404   told
brand-act:conjure             draft       POST    401     told   404   told   told    told   404   told

# Campaigns
campaign-list                 -           GET     door    200    200   200    200     200    200   200
campaign-export               -           GET     door    200    200   200    200     200    200   200
campaign-new                  -           GET     door    200    200   200    403     403    403   403
campaign-new                  registered  POST    401     done   200   done   403     403    403   403
campaign-edit                 draft       GET     door    302    404   302    403     403    403   403
campaign-edit-step            draft       GET     door    200    404   200    403     403    403   403
campaign-edit-step            draft       POST    401     done   404   done   403     403    403   403
campaign-edit-step:check      draft       POST    401     done   404   told   403     403    403   403
campaign                      registered  GET     door    200    404   200    200     200    404   200
campaign-live                 registered  GET     door    200    404   200    200     200    404   200
campaign-comment              registered  POST    401     done   404   done   told    done   404   done
campaign-act:submit           draft       POST    401     done   404   told   told    told   404   told
campaign-act:withdraw         in_review   POST    401     done   404   told   told    told   404   told
campaign-act:approve          in_review   POST    401     told   404   done   told    told   404   told
campaign-act:return           in_review   POST    401     told   404   done   told    told   404   told
campaign-act:revise           rejected    POST    401     done   404   done   told    told   404   told
campaign-act:take-back        queued      POST    401     told   404   done   told    told   404   told
campaign-act:confirm          registered  POST    401     done   404   done   told    done   404   done
campaign-act:settle-conflict  torn        POST    401     told   404   done   told    told   404   told
campaign-act:ask-deactivation  rejected   POST    401     done   404   done   told    told   404   told
campaign-act:deactivate       ending      POST    401     told   404   done   told    told   404   told
campaign-numbers              registered  GET     door    200    404   200    200     200    404   200
campaign-numbers-live         registered  GET     door    200    404   200    200     200    404   200
campaign-numbers-act:unlink   registered  POST    401     done   404   done   403     403    404   403
campaign-numbers-act:link-failed  registered  POST  401   done   404   done   403     403    404   403

# Importing
brand-import                  -           GET     door    200    200   200    403     403    403   403
brand-import                  -           POST    door    done   200   done   403     403    403   403
brand-import:check            -           POST    door    200    200   200    403     403    403   403
brand-import-template         -           GET     door    200    200   200    403     403    403   403
campaign-import               -           GET     door    200    200   200    403     403    403   403
campaign-import               registered  POST    door    done   200   done   403     403    403   403
campaign-import-template      -           GET     door    200    200   200    403     403    403   403
import-answer                 -           POST    door    404    404   404    404     404    404   404

# Numbers
number_link-list              -           GET     door    200    200   200    200     200    200   200
number_link-export            -           GET     door    200    200   200    200     200    200   200
number_link-new               -           GET     door    200    200   200    403     403    403   403
number_link-new               registered  POST    401     done   200   done   403     403    403   403
number_link                   linked      GET     door    200    404   200    200     200    404   200
number_link-live              linked      GET     door    200    404   200    200     200    404   200
number_link-comment           linked      POST    401     done   404   done   told    done   404   done
number_link-act:unlink        linked      POST    401     done   404   done   told    told   404   told
number_link-act:link          failed      POST    401     done   404   done   told    told   404   told
number_link-act:take-back     queued      POST    401     told   404   done   told    told   404   told
number_link-act:confirm       linked      POST    401     done   404   done   told    done   404   done
number_link-act:settle-conflict  torn     POST    401     told   404   done   told    told   404   told

# Keys of programs: each person's own; operators look after everybody's
keys                          -           GET     door    200    200   200    200     200    200   200
key-new                       -           GET     door    200    200   200    200     200    403   200
key-new                       -           POST    door    done   200   done   done    done   403   done
key                           key         GET     door    200    404   404    404     200    404   200
key-rotate                    key         POST    door    done   404   404    404     told   404   told
key-revoke                    key         POST    door    done   404   404    404     done   404   done

# Webhooks: marketers and operators look after them
webhooks                      -           GET     door    200    200   200    200     200    200   200
webhook-new                   -           GET     door    200    200   403    403     200    403   200
webhook-new                   -           POST    door    done   200   403    403     done   403   done
webhook                       webhook     GET     door    200    404   200    200     200    404   200
webhook-edit                  webhook     GET     door    200    404   403    403     200    403   200
webhook-edit                  webhook     POST    door    done   404   403    403     done   403   done
webhook-act:test              webhook     POST    door    done   404   told   told    done   404   done
webhook-act:pause             webhook     POST    door    done   404   told   told    done   404   done
webhook-act:delete            webhook     POST    door    done   404   told   told    done   404   done
webhook-act:explode           webhook     POST    door    404    404   404    404     404    404   404
webhook-rotate                webhook     POST    door    done   404   told   told    done   404   done
webhook-resume                webhook     POST    door    told   404   told   told    told   404   told
webhook-redeliver             webhook     POST    door    done   404   told   told    done   404   done

# What is the admin's own, beside the pages of its models
admin:index                   -           GET     door    403    403   200    200     200    403   200
admin:login                   -           GET     door    403    403   302    302     302    403   302
admin:logout                  -           POST    302     302    302   door   door    door   302   door
admin:password_change         -           GET     door    403    403   302    302     302    403   302
admin:password_change_done    -           GET     door    403    403   200    200     200    403   200
admin:autocomplete            members     GET     door    403    403   403    403     200    403   200
admin:autocomplete            main_account  GET    door    403    403   200    200     200    403   200
admin:autocomplete            requested_by  GET    door    403    403   403    403     200    403   200
admin:jsi18n                  -           GET     door    403    403   200    200     200    403   200
admin:view_on_site            registered  GET     door    403    403   302    302     302    403   302
admin:app_list                -           GET     door    403    403   200    200     200    403   200
admin/(?P<url>.*)$            -           GET     door    403    403   404    404     404    403   404
"""

# The pages that the admin has for every model, and who is answered what of most of them.
ADMIN = """
page               method  nobody  alice  bob  carol  audrey  oscar  nora  root
changelist         GET     door    403    403  200    200     200    403   200
changelist         POST    door    403    403  403    403     403    403   403
changelist:export  POST    door    403    403  200    200     200    403   200
add                GET     door    403    403  403    403     403    403   403
add                POST    door    403    403  403    403     403    403   403
change             GET     door    403    403  200    200     200    403   200
change             POST    door    403    403  403    403     403    403   403
delete             GET     door    403    403  403    403     403    403   403
delete             POST    door    403    403  403    403     403    403   403
history            GET     door    403    403  200    200     200    403   200
history            POST    door    403    403  403    403     403    403   403
old                GET     door    403    403  302    302     302    403   302
"""

# What operators look after, they may add and change; who the people are is their affair alone.
ADMIN_OF = {
    "registrations_organization": """
add                GET     door    403    403  403    403     200    403   200
add                POST    door    403    403  403    403     done   403   done
change             POST    door    403    403  403    403     done   403   done
""",
    "registrations_plivoaccount": """
add                GET     door    403    403  403    403     200    403   200
add                POST    door    403    403  403    403     done   403   done
change             POST    door    403    403  403    403     done   403   done
""",
    "registrations_apikey": """
change             GET     door    403    403  told   told    200    403   200
history            GET     door    403    403  told   told    200    403   200
""",
    "auth_user": """
changelist         GET     door    403    403  403    403     200    403   200
changelist:export  POST    door    403    403  403    403     200    403   200
change             GET     door    403    403  403    403     200    403   200
change             POST    door    403    403  403    403     done   403   done
history            GET     door    403    403  403    403     200    403   200
""",
}


@dataclass(frozen=True)
class Row:
    """One way of using one address, and the answer for each person."""

    label: str
    way: str
    about: str
    method: str
    answers: dict[str, str]
    # Of the admin's pages: the model as their addresses name it.
    model: str = ""

    def __str__(self) -> str:
        """As the tests are called: "brand-act submit draft POST"."""
        told = [self.label, self.way, self.about if self.about != "-" else "", self.method]
        return " ".join(word for word in told if word)


def _lines(table: str) -> Iterator[list[str]]:
    for line in table.strip().splitlines():
        if line and not line.startswith(("#", "address ", "page ")):
            yield line.split()


def portal_rows() -> list[Row]:
    return [
        Row(*_parted(address), about, method, dict(zip(PERSONAS, answers, strict=True)))
        for address, about, method, *answers in _lines(PORTAL)
    ]


def admin_rows(models: list[str]) -> list[Row]:
    """The rule for every model, with what is otherwise for some."""
    rows = []
    for model in models:
        pages = {(page, method): answers for page, method, *answers in _lines(ADMIN)}
        exceptions = _lines(ADMIN_OF.get(model, ""))
        pages |= {(page, method): answers for page, method, *answers in exceptions}
        for (page, method), answers in pages.items():
            name, way = _parted(page)
            label = f"admin:{model}_{name}" if name != "old" else _old_address(model)
            told = dict(zip(PERSONAS, answers, strict=True))
            rows.append(Row(label, way, "-", method, told, model))
    return rows


def _parted(address: str) -> tuple[str, str]:
    """The label, and the way of using it; a pattern and the admin's names have colons as well."""
    inside = address.removeprefix("admin:")
    label, _, way = inside.partition(":") if "(" not in address else (inside, "", "")
    return address[: len(address) - len(inside)] + label, way


def _old_address(model: str) -> str:
    app, _, name = model.partition("_")
    return f"admin/{app}/{name}/<path:object_id>/"


# --- What stands in an address, and what is sent there -----------------------------------------


def places(row: Row, world: World, models: dict[str, Any]) -> dict[str, Any]:
    """What fills the places of the address: the thing of Acme's that the row is about."""
    acme, alice = world.acme, world.people["alice"]
    kind = next((k for k in ("brand", "campaign", "number_link") if row.label.startswith(k)), "")
    filled: dict[str, Any] = {"verb": row.way, "slug": row.way or "start", "url": "nothing/here/"}
    filled |= {"app_label": "registrations", "content_type_id": "", "token": "nothing"}
    if row.model:
        filled["object_id"] = models[row.model].pk
    elif row.about in acme.of_kind(kind or "brand"):
        thing = acme.of_kind(kind or "brand")[row.about]
        filled |= {"reference": thing.reference, "object_id": thing.pk}
        filled["content_type_id"] = _content_type(thing)
    if row.about in world.people:
        filled["pk"] = world.people[row.about].pk
    elif row.about in acme.callbacks or row.about == "stray":
        filled["pk"] = {**acme.callbacks, "stray": world.stray}[row.about].pk
    elif row.about == "webhook":
        message = acme.webhook.deliveries.get().message_id
        filled |= {"pk": acme.webhook.pk, "message_id": message}
    elif row.about == "key":
        filled["prefix"] = acme.key.prefix
    elif row.about == "undecided":
        filled |= {"pk": acme.undecided.pk, "token": world.token}
    if "uidb64" in row.label or row.label in ("password-reset-choose", "invitation"):
        filled["uidb64"] = urlsafe_base64_encode(force_bytes(alice.pk))
        filled["token"] = row.way or default_token_generator.make_token(alice)
    return filled


def _content_type(thing: Any) -> int:
    return ContentType.objects.get_for_model(thing).pk


def asked(row: Row, world: World) -> dict[str, Any]:
    """What a GET asks, where an address without a question makes no sense."""
    field = {"app_label": "registrations", "term": "a"}
    match row.label, row.about if row.about != "-" else row.way:
        case "callback-list", "csv":
            return {"format": "csv"}
        case "adopt", "look":
            return {"account": world.account.auth_id}
        case "review-several", state:
            return {"tick": world.acme.brands[state].reference}
        case "admin:autocomplete", "members":
            return {**field, "model_name": "organization", "field_name": "members"}
        case "admin:autocomplete", "main_account":
            return {**field, "model_name": "plivoaccount", "field_name": "main_account"}
        case "admin:autocomplete", "requested_by":
            return {**field, "model_name": "brand", "field_name": "requested_by"}
    return {}


def sent(row: Row, world: World, models: dict[str, Any]) -> dict[str, Any]:
    """What a POST sends: as a person's browser would, so that only her role is in the way."""
    acme = world.acme
    if row.model:
        return _sent_in_admin(row, models[row.model])
    if row.label in SENT:
        return SENT[row.label](world, row.way)
    said = {"note": "Because.", "comment": "A word.", "reason": "A word.", "decision": "withdraw"}
    thing = acme.of_kind("campaign" if row.label.startswith("campaign") else "brand")
    if "approve" in str(row):
        said["digest"] = actions.preview(thing[row.about]).digest
    return said


def _sent_in_admin(row: Row, thing: Any) -> dict[str, Any]:
    if row.way == "export":
        return {"action": "export", "_selected_action": [thing.pk]}
    if row.label.endswith("_changelist"):
        forged = {"form-0-id": thing.pk, "form-0-status": "registered", "_save": "Save"}
        return {"form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 1, **forged}
    if row.label.endswith("_delete"):
        return {"post": "yes"}
    no_tokens = {"tokens-TOTAL_FORMS": 0, "tokens-INITIAL_FORMS": 0}
    changed = {"name": "Another name", "auth_id": "MAOTHER", "status": "registered"}
    return {**changed, **no_tokens, "first_name": "Another", "last_name": "", "note": "Another"}


def _new_person(world: World, way: str) -> dict[str, Any]:
    who = {"username": "erin", "email": "erin@example.com"}
    return {**who, "roles": ["marketer"], "organizations": [world.globex.organization.pk]}


def _approve_several(world: World, way: str) -> dict[str, Any]:
    one = world.acme.brands["in_review"]
    return {"approve": f"{one.reference}:{actions.preview(one).digest}"}


def _link_number(world: World, way: str) -> dict[str, Any]:
    campaign = world.acme.campaigns["registered"].reference
    good = {"good": "14155550188", "seen_for": campaign, "intent": "link"}
    return {"campaign": campaign, "numbers": "14155550188", **good}


def _new_brand(world: World, way: str) -> dict[str, Any]:
    owner = {"organization": world.acme.organization.pk, "account": world.account.pk}
    return {**owner, "name": "Another brand", "entity_type": "PRIVATE", "customer_type": "DIRECT"}


def _new_campaign(world: World, way: str) -> dict[str, Any]:
    return {"brand": world.acme.brands["registered"].pk, "name": "Another campaign"}


def _brands_file(world: World, way: str) -> dict[str, Any]:
    owner = {"organization": world.acme.organization.pk, "intent": way or "import"}
    return {**owner, "text": "name,entity_type\nAnother brand,PRIVATE"}


def _campaigns_file(world: World, way: str) -> dict[str, Any]:
    brand = world.acme.brands["registered"].reference
    owner = {"organization": world.acme.organization.pk, "intent": "import"}
    return {**owner, "text": f"name,brand\nAnother campaign,{brand}"}


def _new_key(world: World, way: str) -> dict[str, Any]:
    return {"name": "Shop", "organization": world.acme.organization.pk, "life": "30"}


def _webhook(world: World, way: str) -> dict[str, Any]:
    owner = {"organization": world.acme.organization.pk}
    return {**owner, "url": "http://127.0.0.1:9/another", "scope": "everything"}


SENT: dict[str, Callable[[World, str], dict[str, Any]]] = {
    "preferences": lambda world, way: {"time_zone": "Asia/Tokyo", "theme": "dark"},
    "sign-in": lambda world, way: {"username": "alice", "password": way or PASSWORD},
    "password-change": lambda world, way: {
        "old_password": PASSWORD,
        "new_password1": "a quite long secret",
        "new_password2": "a quite long secret",
    },
    "password-reset": lambda world, way: {"email": "alice@example.com"},
    "person-new": _new_person,
    "person-access": lambda world, way: {"roles": ["auditor"]},
    "person-address": lambda world, way: {"email": "elsewhere@example.com"},
    "second-factor-renew": lambda world, way: {"code": "123456"},
    "second-factor-remove": lambda world, way: {"code": "123456"},
    "callback-test": lambda world, way: {"account": world.account.pk},
    "plivo-callback-fixed": lambda world, way: {"status": "registered"},
    "plivo-callback": lambda world, way: {"status": "registered"},
    "adopt": lambda world, way: {"account": world.account.auth_id, "adopt": "BX", "go": "adopt"},
    "review-several": _approve_several,
    "brand-new": _new_brand,
    "brand-edit-step": lambda world, way: {"go": "send"} if way else {"name": "Another name"},
    "campaign-new": _new_campaign,
    "campaign-edit-step": lambda world, way: {"go": "send"} if way else {"name": "Another name"},
    "campaign-numbers-act": lambda world, way: {"link": world.acme.links["linked"].reference},
    "number_link-new": _link_number,
    "brand-import": _brands_file,
    "campaign-import": _campaigns_file,
    "key-new": _new_key,
    "key-rotate": lambda world, way: {"overlap": "24"},
    "webhook-new": _webhook,
    "webhook-edit": _webhook,
    "webhook-resume": lambda world, way: {"begin": "stopped"},
}
