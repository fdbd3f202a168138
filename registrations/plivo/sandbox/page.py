"""The sandbox's one page: what it holds, and buttons to decide what becomes of it. No script."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from registrations.plivo.sandbox import endings, faults, stories

if TYPE_CHECKING:
    from registrations.plivo.sandbox.sandbox import Sandbox

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 1rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; } td, th { text-align: left; padding: .3rem .6rem;
border-bottom: 1px solid #ccc; } form { display: inline; } code { overflow-wrap: anywhere; }
"""


def render(sandbox: Sandbox) -> str:
    state = sandbox.state
    parts = [
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>"
        f"<title>Plivo sandbox</title><style>{STYLE}</style></head><body>",
        "<h1>Plivo sandbox</h1><p>A small Plivo on this machine. Nothing here costs money. "
        "Objects go their way by themselves; a button decides at once.</p>",
        _objects("Brands", "brand", state.brands, "registration_status"),
        _objects("Campaigns", "campaign", state.campaigns, "registration_status"),
        _objects("Numbers", "number_linking", state.links, "status"),
        "<h2>Words that choose an ending</h2><p>In a company's or a campaign's name, or a "
        "campaign's description.</p>",
        _table([(word, does) for word, does in endings.WORDS.items()]),
        "<p>Numbers: "
        + escape("; ".join(f"…{end} means {word}" for end, word in endings.NUMBERS.items()))
        + "</p>",
        "<h2>The next call goes wrong</h2><form method='post' action='/control/fault'>"
        "<select name='kind' aria-label='how'>",
        *(f"<option value='{kind}'>{escape(does)}</option>" for kind, does in faults.KINDS.items()),
        "</select> <input type='hidden' name='on' value='POST /10dlc/'><button>Do it</button></form>",
        "<h2>Ledger</h2>",
        _table(
            [(row["operation"], row["alias"], row["fee"], row["object"]) for row in state.ledger]
        ),
        "<h2>Callbacks sent</h2>",
        _table(
            [
                (row["status"], ", ".join(row["fields"].values()), f"try {row['attempt'] + 1}")
                for row in reversed(state.deliveries[-50:])
            ]
        ),
        "</body></html>",
    ]
    return "".join(parts)


def _objects(title: str, kind: str, rows: dict[str, dict[str, Any]], word: str) -> str:
    lines = []
    for object_id, row in reversed(list(rows.items())):
        name = row.get("brand_alias") or row.get("campaign_alias") or ""
        buttons = "".join(
            f"<form method='post' action='/control/outcome'>"
            f"<input type='hidden' name='id' value='{escape(object_id, quote=True)}'>"
            f"<button name='word' value='{said}'>{said}</button></form> "
            for said in (stories.GOOD[kind], stories.BAD[kind])
        )
        lines.append(
            f"<tr><td><code>{escape(object_id)}</code></td><td>{escape(str(name))}</td>"
            f"<td>{escape(row[word])}</td><td>{buttons}</td></tr>"
        )
    body = "".join(lines) or "<tr><td>None yet.</td></tr>"
    return f"<h2>{title}</h2><table>{body}</table>"


def _table(rows: list[tuple[Any, ...]]) -> str:
    lines = (
        "<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f"<table>{''.join(lines)}</table>"
