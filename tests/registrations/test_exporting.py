"""Rows for spreadsheets, which must not run what people or Plivo wrote."""

import csv
import io

import pytest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from registrations.exporting import csv_response, neutralised
from registrations.models import Deed, SecurityEvent

DANGEROUS = "=+-@|%\t\r\n"


@pytest.mark.parametrize(
    "text",
    ['=HYPERLINK("http://example.com")', "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", '"=1',
     "'=1", "\u00a0=1", "\ufeff=1", "|calc", "%0a=1"],
)  # fmt: skip
def test_a_formula_is_shown_and_not_calculated(text):
    assert neutralised(text) == f"'{text}"


@pytest.mark.parametrize("text", ["Acme Inc.", "12-3456780", "a=b", "it's", "", "  plain"])
def test_ordinary_text_stays_as_it_is(text):
    assert neutralised(text) == text


@given(st.text())
def test_no_cell_ever_begins_like_a_formula(text):
    assert not neutralised(text).startswith(tuple(DANGEROUS))


@pytest.mark.django_db
def test_every_value_survives_the_file_and_the_export_is_written_down(carol):
    request = RequestFactory().get("/brands/?status=draft")
    request.user = carol
    odd = ['quote " and, comma', "line\nbreak", "grüße 你好", "=1"]

    answer = csv_response(request, "brands", ["a", "b", "c", "d"], iter([odd]))

    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(text)))[1] == [*odd[:3], "'=1"]
    event = SecurityEvent.objects.get()
    assert (event.deed, event.user) == (Deed.EXPORTED, carol)
    assert "status=draft" in event.detail
