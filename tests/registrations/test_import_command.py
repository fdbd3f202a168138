"""`manage.py import_csv`: checks unless told otherwise, and answers with the same file."""

import pytest
from django.core.management import CommandError, call_command

from registrations.models import Brand, Campaign
from tests.conftest import BRAND
from tests.registrations.test_importing import CAMPAIGN_ROW, csv_of, rows_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(account, alice, tmp_path, capsys):
    """Run the command for Acme as alice; answers what it wrote."""

    def run(data, *options, kind="brands", organization="Acme Inc.", by="alice"):
        file = tmp_path / "given.csv"
        file.write_bytes(data)
        who = ["--organization", organization, "--by", by]
        try:
            call_command("import_csv", kind, str(file), *who, *options)
        finally:
            run.written = capsys.readouterr()
        return run.written

    return run


def test_it_only_checks_unless_it_is_meant_really(run):
    written = run(csv_of(BRAND))

    assert rows_of(written.out)[0]["result"] == "would_be_created"
    assert written.err == "1 would be created.\n"
    assert not Brand.objects.exists()


def test_it_really_makes_drafts(run, alice):
    written = run(csv_of(BRAND), "--really")

    assert rows_of(written.out)[0]["result"] == "created"
    assert Brand.objects.get().created_by == alice


def test_it_sends_for_review_if_asked(run):
    run(csv_of(BRAND), "--really", "--send")

    assert Brand.objects.get().status == "in_review"


def test_it_imports_campaigns(run):
    run(csv_of({**BRAND, "external_id": "shop-42"}), "--really")

    run(csv_of({**CAMPAIGN_ROW, "brand_external_id": "shop-42"}), "--really", kind="campaigns")

    assert Campaign.objects.get().brand.external_id == "shop-42"


def test_it_fails_if_a_row_was_refused_and_the_answer_is_written_all_the_same(run):
    with pytest.raises(CommandError, match="1 created, 1 refused") as failure:
        run(csv_of(BRAND, {**BRAND, "name": ""}), "--really")

    assert failure.value.returncode == 1
    assert [row["result"] for row in rows_of(run.written.out)] == ["created", "refused"]


def test_it_writes_the_answer_to_a_file(run, tmp_path):
    written = run(csv_of(BRAND), "--output", f"{tmp_path}/answer.csv")

    assert written.out == ""
    answer = (tmp_path / "answer.csv").read_bytes()
    assert answer.startswith(b"\xef\xbb\xbfname,")
    assert answer.endswith(b"\r\n")
    assert b"\r\r" not in answer


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"organization": "Nobody Ltd"}, "There is no organization Nobody Ltd."),
        ({"organization": "Globex LLC"}, "You do not act for Globex LLC."),
        ({"by": "mallory"}, "There is nobody mallory who may sign in."),
        ({"by": "audrey"}, "Marketers and compliance staff begin registrations."),
    ],
)
def test_it_says_who_may_not(run, globex, audrey, options, said):
    with pytest.raises(CommandError, match=said):
        run(csv_of(BRAND), "--really", **options)

    assert not Brand.objects.exists()


def test_it_says_what_is_wrong_with_the_file(run):
    with pytest.raises(CommandError, match="The column “entity_type” is missing"):
        run(b"name\nAcme\n")


def test_a_file_that_is_not_there_is_no_traceback(account, alice):
    with pytest.raises(CommandError, match="No such file"):
        call_command(
            "import_csv", "brands", "/nowhere.csv", "--organization", "Acme Inc.", "--by", "alice"
        )
