"""The sandbox's one page: what it holds, and buttons to decide what becomes of it. No script."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from registrations.plivo.sandbox import cards, control, faults, life
from registrations.plivo.sandbox.endpoints import OPERATIONS

if TYPE_CHECKING:
    from registrations.plivo.sandbox.sandbox import Sandbox

MOST_ROWS = 100

STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 1rem auto; padding: 0 1rem; }
section { margin: 2rem 0; overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0;
  border-bottom: 1px solid color-mix(in srgb, currentColor 25%, transparent); }
td form { display: inline; }
button, select, input { font: inherit; padding: .15rem .5rem; }
label { margin-right: 1rem; }
code { overflow-wrap: anywhere; }
"""


class Html(str):
    """Text that is markup already."""


def render(sandbox: Sandbox) -> str:
    state = sandbox.state
    sections = [
        _section("Brands", _objects("brand", state.brands.items())),
        _section("Campaigns", _objects("campaign", state.campaigns.items())),
        _section("Numbers on campaigns", _objects("number", state.links.items())),
        _section("Made outside the portal", _outside()),
        _section("Callbacks sent", _deliveries(sandbox)),
        _section("Next calls go wrong", _faults(sandbox)),
        _section("Ledger", _ledger(sandbox)),
        _section("Test cards", _cards()),
        _section("Settings", _settings(sandbox)),
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Plivo sandbox</title><style>{STYLE}</style></head><body>"
        "<header><h1>Plivo sandbox</h1><p>A small Plivo that lives on this machine. Nothing here "
        "is real and nothing costs money. Objects go their way by themselves; a button decides at "
        'once. <a href="/">Look again</a></p></header>'
        f"<main>{''.join(sections)}</main></body></html>"
    )


def _section(title: str, *content: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{''.join(content)}</section>"


def _table(heads: Iterable[str], rows: Sequence[Iterable[Any]]) -> str:
    if not rows:
        return "<p>None yet.</p>"
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in heads)
    body = "".join(
        "<tr>"
        + "".join(
            f"<td>{cell if isinstance(cell, Html) else escape(str(cell))}</td>" for cell in row
        )
        + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _button(label: str, action: str, **fields: str) -> Html:
    hidden = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in fields.items()
    )
    return Html(
        f'<form method="post" action="/control/{action}">{hidden}'
        f"<button>{escape(label)}</button></form> "
    )


def _objects(what: str, items: list[tuple[str, dict[str, Any]]]) -> str:
    rows = []
    for key, row in reversed(items[-MOST_ROWS:]):
        good, bad = life.LAST_WORDS[row["_kind"]]
        buttons = _button(good, "outcome", id=key, word=good)
        buttons = Html(buttons + _button(bad, "outcome", id=key, word=bad))
        if what == "campaign":
            buttons = Html(buttons + _button("expire, untold", "silent", id=key, word="expired"))
        if what == "number":
            buttons = Html(buttons + _button("unlink, untold", "silent", id=key, word="unlinked"))
        name = row.get("brand_alias") or row.get("campaign_alias") or row["_kind"]
        status = row.get("registration_status") or row["status"]
        rows.append((Html(f"<code>{escape(key)}</code>"), name, status, buttons))
    return _table(("Id", "Name", "Status", "Decide now"), rows)


def _outside() -> str:
    return (
        "<p>Somebody makes a brand, a campaign and two numbers in Plivo's console. Nobody is "
        f"called back about it.</p>{_button('Make them', 'outside')}"
    )


def _deliveries(sandbox: Sandbox) -> str:
    rows = [
        (
            _clock(row["at"]),
            f"{row['kind']} {row['word']}",
            row["id"],
            f"{row['status']}{' (forged)' if row['forged'] else ''}",
            row["attempt"],
            row["url"],
        )
        for row in reversed(sandbox.state.deliveries.rows()[-MOST_ROWS:])
    ]
    waiting = sum(event["do"] == "deliver" for event in sandbox.state.events.rows())
    heads = ("Time", "Says", "About", "Answered", "Try", "To")
    return f"<p>{waiting} waiting to be sent or sent again.</p>{_table(heads, rows)}"


def _faults(sandbox: Sandbox) -> str:
    kinds = "".join(
        f'<option value="{kind}">{kind}: {escape(does)}</option>'
        for kind, does in faults.KINDS.items()
    )
    operations = "".join(f"<option>{operation}</option>" for operation in OPERATIONS)
    rows = [
        (row["kind"], row.get("operation") or row.get("path") or "any call", row["times"])
        for row in sandbox.state.faults.rows()
    ]
    return (
        '<form method="post" action="/control/faults">'
        f'<label>The next call of <select name="operation"><option value="">any operation</option>'
        f'{operations}</select></label> <label>goes wrong: <select name="kind">{kinds}</select>'
        "</label> <button>Plan it</button></form>"
        + _table(("Fault", "Waits for", "Times"), rows)
        + _button("Forget all", "faults", clear="yes")
    )


def _ledger(sandbox: Sandbox) -> str:
    sums = control.ledger(sandbox)
    rows = [
        (
            _clock(row["at"]),
            row["operation"],
            row["alias"],
            row["fee"],
            row["id"] if row["made"] else f"nothing made: {row['why']}",
        )
        for row in reversed(sums["entries"][-MOST_ROWS:])
    ]
    heads = ("Time", "Operation", "Name", "US dollars", "Made")
    return f"<p>{escape(sums['total'])} US dollars in all.</p>{_table(heads, rows)}"


def _cards() -> str:
    words = [(card.word, " or ".join(card.kinds), card.does) for card in cards.CARDS]
    numbers = [(f"…{ending}", does) for ending, does in cards.NUMBER_ENDINGS.items()]
    return (
        "<p>A word in a brand's company name or alias, or in a campaign's alias or description, "
        "chooses how the story ends. So do the last two digits of a number.</p>"
        + _table(("Word", "In the name of a", "What happens"), words)
        + _table(("Number ends in", "What happens"), numbers)
    )


def _settings(sandbox: Sandbox) -> str:
    settings = sandbox.state.settings
    rows = [(name, settings[name]) for name in settings if name != "auth_token"]
    return (
        '<form method="post" action="/control/settings">'
        f'<label>Last word after <input name="final_after" type="number" min="0" step="0.1" '
        f'value="{settings["final_after"]}" required> seconds</label>'
        "<button>Change</button></form>"
        + _table(("Setting", "Value"), rows)
        + _button("Forget everything", "reset")
    )


def _clock(at: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(at))
