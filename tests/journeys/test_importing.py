"""A marketer brings a list of brands: checks it, imports it, corrects the answer, brings that."""

import csv
import io
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys.browsing import PHONE, expect_accessible, is_wider_than_its_window, picture

# The library is frozen in a form that warns under the newest Python's typing.
pytestmark = pytest.mark.filterwarnings("default")


def text_of(download):
    return Path(download.value.path()).read_text("utf-8-sig")


def results_in(text):
    rows = csv.DictReader(io.StringIO(text))
    return {row["external_id"]: row["result"] for row in rows}


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_list_is_checked_imported_corrected_and_imported_again(page_as, scripts):
    alice = page_as("alice", java_script_enabled=scripts)
    alice.goto("/brands/")
    alice.get_by_role("link", name="Import CSV").click()
    with alice.expect_download() as template:
        alice.get_by_role("link", name="Take the template").click()
    good = text_of(template).replace("shop-42", f"shop-{scripts}")
    heading, row = good.splitlines()
    bad = row.replace(f"shop-{scripts}", f"stall-{scripts}").replace("PRIVATE", "Company")

    alice.get_by_role("textbox", name="Or paste it").fill("\n".join([heading, row, bad]))
    alice.get_by_role("button", name="Check only").click()
    expect(alice.get_by_text("Nothing is saved yet")).to_be_visible()
    if scripts:
        expect_accessible(alice)
        alice.set_viewport_size(PHONE)
        assert not is_wider_than_its_window(alice)
    picture(alice, f"import-check-{scripts}")
    alice.get_by_role("button", name="Import 1 brand").click()
    with alice.expect_download() as answer:
        alice.get_by_role("button", name="Download the answer").click()
    assert results_in(text_of(answer)) == {
        f"shop-{scripts}": "created",
        f"stall-{scripts}": "refused",
    }

    alice.get_by_role("link", name="Import another file").click()
    corrected = text_of(answer).replace("Company", "PRIVATE").encode()
    file = {"name": "corrected.csv", "mimeType": "text/csv", "buffer": corrected}
    alice.get_by_label("CSV file").set_input_files(file)
    alice.get_by_role("button", name="Import", exact=True).click()
    with alice.expect_download() as again:
        alice.get_by_role("button", name="Download the answer").click()
    assert results_in(text_of(again)) == {
        f"shop-{scripts}": "already_here",
        f"stall-{scripts}": "created",
    }
    alice.get_by_role("row", name=f"stall-{scripts}").get_by_role("link").click()
    expect(alice.get_by_role("heading", level=1)).to_contain_text("Acme Shoes")
