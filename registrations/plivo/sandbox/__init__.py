"""A small Plivo that lives on this machine: it answers, validates and calls back like Plivo.

The portal has no branch for it; only `PLIVO_API_URL` differs. It imports no model.

Words in a brand's company name or alias, or in a campaign's alias or description, choose how the
story ends, as test cards do. They count as whole words, in any case:

    Reject              rejected: a brand with code 1101 (EIN), a campaign with 1004
    RejectName          brand: the tax id does not match the company name
    RejectGovernment    brand: not recognised as a government entity
    RejectNonprofit     brand: no tax-exempt status found
    RejectContent       campaign: 1001, prohibited content
    RejectReseller      campaign: 1002, a reseller was registered
    RejectLending       campaign: 1003, lending that was not declared
    RejectUnknown       campaign: 9999, a code nobody has seen
    Refuse              the API answers 400 with a field's error; nothing is made
    Forever             stays in process
    Slow                takes ten times as long
    Silent              changes, and no callback tells
    Duplicate           each callback comes twice, with two nonces
    Reorder             the last word comes before `created`
    Contradict          `registered`, then `rejected`; the API keeps to the first
    Expire              campaign: registered, then expires without a callback
    Early               the callback `created` comes before the API's answer
    LostAnswer          carried out, then the connection drops (once)
    Error500Before      not carried out, answered 500 (once)
    Error500After       carried out, answered 500 (once)
    RateLimit           answered 429 with Retry-After: 2 (once)

The last two digits of a number do the same for linking and unlinking:

    90 linking fails    91 unlinking fails    92 Forever      93 Silent     94 Slow
    95 LostAnswer       96 Duplicate          97 Reorder      98 Refuse     99 RateLimit

An update of a campaign is judged by its description alone, so that a campaign named "Reject"
passes once it has been corrected. The account owns every number kept for fiction, 1 NXX 555 01XX:
those with a toll-free area code are toll-free, and 14155550189 cannot do SMS.

`control` describes the control API, `faults` what can go wrong with an answer.
"""

from registrations.plivo.sandbox.calls import Request, Response
from registrations.plivo.sandbox.sandbox import Sandbox
from registrations.plivo.sandbox.server import Server, serve

__all__ = ["Request", "Response", "Sandbox", "Server", "serve"]
