"""Every code of a problem document in words: what it means, and what to do about it.

The pages under /api/docs/problems/ and the schema are made from it. A test holds it against the
code: what is raised anywhere stands here, and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus


@dataclass(frozen=True)
class Remedy:
    """One code, the status with which it comes, what it means and what to do."""

    code: str
    status: int
    meaning: str
    remedy: str

    @property
    def title(self) -> str:
        return HTTPStatus(self.status).phrase


REMEDIES = {
    row.code: row
    for row in [
        Remedy(
            "invalid",
            400,
            "Something that was sent does not fit its field.",
            "Each of `errors` names a field by its pointer and says what fits. Correct them and "
            "send it again; with an Idempotency-Key, under a new one.",
        ),
        Remedy(
            "parse_error",
            400,
            "The body is not JSON.",
            "Send a JSON object, in UTF-8, with `Content-Type: application/json`.",
        ),
        Remedy(
            "not_authenticated",
            401,
            "No key was shown, and nobody is signed in.",
            "Send `Authorization: Bearer dlc_…`. Keys are made on the page “API keys”.",
        ),
        Remedy(
            "authentication_failed",
            401,
            "A key was shown that opens nothing: it is unknown, has expired, was revoked, or its "
            "owner may no longer sign in.",
            "Make another key, or rotate the old one before it ends. Do not try again with this.",
        ),
        Remedy(
            "permission_denied",
            403,
            "The key lacks the scope that this needs, or its owner's roles do not reach so far.",
            "`detail` names the scope. Make a key that has it, as somebody who may give it.",
        ),
        Remedy(
            "not_allowed",
            403,
            "This person may not do this to this registration: for want of a role, or because "
            "whoever asked for something may not also approve it.",
            "Let another person's key do it. Two keys of one person are still one person.",
        ),
        Remedy(
            "second_factor_required",
            403,
            "Somebody is signed in whose role demands a second factor, and she has shown none.",
            "Set it up in the menu of the pages, or use a key instead of the session.",
        ),
        Remedy(
            "not_found",
            404,
            "There is nothing at this address that you may see. What others have is not told "
            "from what does not exist.",
            "Look at the address: a reference is written as `BR-…`, `CA-…` or `NL-…`, and every "
            "address ends with a slash. A key sees one organization only.",
        ),
        Remedy(
            "method_not_allowed",
            405,
            "The address is right, but not the method.",
            "The header `Allow` lists what it understands.",
        ),
        Remedy(
            "not_acceptable",
            406,
            "None of the formats that were asked for is spoken here.",
            "Ask for `application/json`; lists also come as `text/csv`.",
        ),
        Remedy(
            "illegal_move",
            409,
            "A registration cannot go from where it stands to where this would bring it.",
            "`from` says where it stands, `to` where it was to go, and `lawful_now` where it may "
            "go. Read it again and decide anew: somebody, or Plivo, was faster.",
        ),
        Remedy(
            "in_progress",
            409,
            "A request with the same Idempotency-Key is still being worked on.",
            "Wait as long as `Retry-After` says, and ask again with the same key: you get its "
            "answer, and it is done once.",
        ),
        Remedy(
            "too_large",
            413,
            "The request is larger than the portal takes.",
            "Split it into several.",
        ),
        Remedy(
            "unsupported_media_type",
            415,
            "The body is in a format that is not understood here.",
            "Send JSON with `Content-Type: application/json`; imports take `text/csv`.",
        ),
        Remedy(
            "blocked",
            422,
            "Plivo, the registry or the carriers would certainly refuse this.",
            "Each of `errors` names the rule, the field and what to write instead. "
            "`POST /api/v1/preflight/` tells the same without saving anything.",
        ),
        Remedy(
            "key_reused",
            422,
            "The Idempotency-Key belongs to another request.",
            "Use a new key for each request, and the same one only to ask the same again.",
        ),
        Remedy(
            "invalid_idempotency_key",
            400,
            "The Idempotency-Key is empty, too long, or holds something else than printable ASCII.",
            "Send 1 to 255 printable ASCII characters. A random UUID is a good one.",
        ),
        Remedy(
            "throttled",
            429,
            "This key has asked oftener than it may.",
            "Wait as long as `Retry-After` says. To learn of changes, read the events feed or "
            "have webhooks sent, instead of reading everything again and again.",
        ),
        Remedy(
            "error",
            500,
            "A fault of ours.",
            "Try again later, with the same Idempotency-Key: nothing is done twice. If it lasts, "
            "tell whoever runs the portal the `request_id`; it also stands in the log.",
        ),
        Remedy(
            "plivo_unavailable",
            503,
            "Plivo had to be asked for this, and gave no answer that could be relied on.",
            "`detail` says why. Nothing was done: ask again in a few minutes, with the same "
            "Idempotency-Key. Where its lists are too long, `manage.py adopt` takes its time.",
        ),
    ]
}
