"""A page as a browser would take it: what has become of its texts, and which forms it has."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
# Where a long text does not push the rest of a page away: it scrolls, or is folded.
FRAMES = {"textarea", "pre", "details", "script", "style"}
FRAME_CLASSES = {"long", "raw", "readonly", "errorlist"}
# A text that is longer than this belongs into a frame.
LONGEST_IN_A_LINE = 4096
SCRIPTS = ("/static/", "/admin/jsi18n/")
ADDRESSES = {"href", "src", "action", "formaction", "hx-get", "hx-post", "data", "content"}
# What turns the text around it. Written out, it is text like any other.
TURNS = set("\u202e\u2066\u2028\u200f")
# What a page would show if the template in a hostile text were one: 7919 + 7907.
SUM = "15826"


class Page(HTMLParser):
    """A page as a parser of HTML sees it: what a text of ours has become besides text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.foreign: list[str] = []
        self.too_long: list[str] = []
        self.turning: list[str] = []
        self.texts: list[str] = []
        self._inside: list[tuple[str, str]] = []
        self.feed(html)
        self.close()

    @property
    def text(self) -> str:
        return "".join(self.texts)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: of or "" for name, of in attrs}
        self.foreign += [f"<{tag} {name}>" for name in given if name.startswith("on")]
        self.foreign += [f"<{tag} {name}>" for name in given if not re.fullmatch("[a-z:-]+", name)]
        for name in ADDRESSES & set(given):
            scheme = re.sub(r"[\x00-\x20]", "", given[name]).partition(":")[0].lower()
            if scheme in ("javascript", "data", "vbscript"):
                self.foreign.append(f'<{tag} {name}="{given[name][:40]}">')
        if tag == "xss" or given.get("src") == "x":
            self.foreign.append(f"<{tag}>")
        if tag == "script" and not given.get("src", "").startswith(SCRIPTS):
            self.foreign.append(f"<script src={given.get('src')}>")
        self.texts += [of for name, of in given.items() if name not in ADDRESSES]
        self.turning += [
            f"<{tag} {name}>" for name, of in given.items() if name != "value" and TURNS & set(of)
        ]
        if tag not in VOID:
            self._inside.append((tag, given.get("class", "")))

    def handle_endtag(self, tag: str) -> None:
        for place in reversed(range(len(self._inside))):
            if self._inside[place][0] == tag:
                del self._inside[place:]
                return

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
        framed = any(
            tag in FRAMES or FRAME_CLASSES & set(classes.split()) for tag, classes in self._inside
        )
        where = " ".join(tag for tag, _ in self._inside)
        if TURNS & set(data) and not where.endswith("textarea"):
            self.turning.append(where)
        if len(data) > LONGEST_IN_A_LINE and not framed:
            self.too_long.append(where)

    def handle_comment(self, data: str) -> None:
        if "onfocus" in data:
            self.foreign.append("<!--")


def assert_is_only_text(response: Any) -> None:
    """Nothing of what is hostile has become a part of the answer."""
    # 503: nothing answers here where Plivo would, and a page may say so.
    assert response.status_code < 500 or response.status_code == 503
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "X-Injected" not in response.headers
    if response["Content-Type"].startswith("text/html"):
        page = Page(response.content.decode())
        assert page.foreign == [], page.foreign
        assert page.turning == [], page.turning
        assert page.too_long == [], page.too_long
        assert SUM not in page.text


@dataclass
class Form:
    """A form of a page: where it is sent, and what a browser would send if nothing were done."""

    action: str
    method: str
    # Of each field that is sent, by its name.
    values: dict[str, list[str]] = field(default_factory=dict)
    # Those into which somebody can type, and those of which the page says that they are wrong.
    typed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


class Forms(HTMLParser):
    """The forms of a page, in their order."""

    TYPED = {"text", "search", "email", "url", "tel", "password", "number", "datetime-local"}

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._named: dict[str, Form] = {}
        self._inside: Form | None = None
        self._of: Form | None = None
        self._area = self._select = ""
        self._begun = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: of or "" for name, of in attrs}
        name, kind = given.get("name", ""), given.get("type", "text")
        of = self._form_called(given["form"]) if "form" in given else self._inside
        if tag == "form":
            self._inside = self._form_called(given.get("id", ""))
            self._inside.action = given.get("action", "")
            self._inside.method = given.get("method", "get").lower()
            self.forms.append(self._inside)
        elif tag == "option" and self._of and self._select and "selected" in given:
            self._of.values[self._select] = [given.get("value", "")]
        elif of is None or not name:
            return
        elif tag == "select":
            self._of, self._select = of, name
            of.values.setdefault(name, [""])
        elif tag == "textarea":
            self._of, self._area, self._begun = of, name, False
            of.values[name] = [""]
            self._note(of, name, given)
        elif tag == "input" and kind in self.TYPED:
            of.values[name] = [given.get("value", "")]
            self._note(of, name, given)
        elif tag == "input" and (kind == "hidden" or "checked" in given):
            of.values.setdefault(name, []).append(given.get("value", "on"))

    def handle_data(self, data: str) -> None:
        if self._area and self._of:
            # The first line feed of a box is none of its text.
            self._of.values[self._area][0] += data if self._begun else data.removeprefix("\n")
            self._begun = True

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = None
        elif tag == "textarea":
            self._area = ""
        elif tag == "select":
            self._select = ""

    def _form_called(self, name: str) -> Form:
        form = self._named.get(name) or Form("", "get")
        if name:
            self._named[name] = form
        return form

    @staticmethod
    def _note(form: Form, name: str, given: dict[str, str]) -> None:
        if "readonly" not in given and "disabled" not in given:
            form.typed.append(name)
        if given.get("aria-invalid") == "true":
            form.wrong.append(name)
