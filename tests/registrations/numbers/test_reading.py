"""Numbers as people have them: pasted, or in a file."""

import pytest

from registrations.forms.reading_numbers import numbers_in_text
from registrations.models import NumberLink
from tests.registrations.numbers.stage import file_of, page_of, verdicts

pytestmark = pytest.mark.django_db


class TestReading:
    """Numbers come as people have them."""

    @pytest.mark.parametrize(
        "text",
        [
            "+1 (415) 555-0100",
            "14155550100",
            "4155550100",
            "415.555.0100",
            "1-415-555-0100",
            "415/555-0100",
            "+1\u00a0415\u2011555\u20110100",  # blanks and dashes of word processors
            "\u202a+14155550100\u202c",  # invisible marks of address books
            "\uff14\uff11\uff15\uff15\uff15\uff15\uff10\uff11\uff10\uff10",  # full width
            "'+14155550100",
            '="14155550100"',
            "14155550100.0",
            "tel:+1-415-555-0100",
        ],
    )
    def test_any_usual_form_is_understood(self, text):
        [number] = numbers_in_text(text)

        assert number.number == "14155550100"

    @pytest.mark.parametrize("between", ["\n", "\r\n", "\r", ",", ";", "\t", ", \n"])
    def test_numbers_stand_between_any_usual_signs(self, between):
        numbers = numbers_in_text(between.join(["4155550100", "4155550101"]))

        assert [number.number for number in numbers] == ["14155550100", "14155550101"]

    def test_each_number_knows_its_line(self):
        numbers = numbers_in_text("\n4155550100, 4155550101\n\n4155550102")

        assert [number.place for number in numbers] == ["line 2", "line 2", "line 4"]

    @pytest.mark.parametrize("text", ["1.41556E+10", "1,41556E+10", "1.4155550100e10"])
    def test_what_a_spreadsheet_has_rounded_is_recognised(self, text):
        *_, number = numbers_in_text(text)

        assert "rounded" in number.damage

    @pytest.mark.parametrize("text", ["=1+4155550100", "1+4155550100", "٤١٥٥٥٥٠١٠٠", "415555010O"])
    def test_what_only_resembles_a_number_is_left_as_it_is(self, text):
        [number] = numbers_in_text(text)

        assert number.number == text


class TestFiles:
    @pytest.fixture
    def upload(self, plivo, check):
        def upload(content, **more):
            return check(file=file_of(content, more.pop("name", "numbers.csv")), **more)

        return upload

    @pytest.mark.parametrize(
        "content",
        [
            "4155550100\n4155550101\n",
            "number\n4155550100\n4155550101\n",
            "Name,Phone number,City\nAlice,4155550100,Oakland\nBob,(415) 555-0101,Berkeley\n",
            "Name;Phone;Since\r\nAlice;+1 415 555 0100;2026\r\nBob;+1 415 555 0101;2025\r\n",
            "id\tmsisdn\n1\t14155550100\n2\t14155550101\n",
            "Alice,4155550100\nBob,4155550101\n",
            'Who,Tel.\n"Doe, Alice\n2nd floor",4155550100\nBob,"4155550101"\n',
            "Order number,Mobile\n1001,4155550100\n1002,4155550101\n",
            "4155550100,4155550101\n",
            'Number\n="14155550100"\n\'+14155550101\n',
            b"\xef\xbb\xbfPhone\r\n4155550100\r\n4155550101\r\n",
            "Café;Phone\nCrème;4155550100\nBrûlée;4155550101\n".encode("latin-1"),
            b"Shop \x96 \x93new\x94;Phone\nA;4155550100\nB;4155550101\n",
            "Phone\tName\r\n4155550100\tAlice\r\n4155550101\tBob\r\n".encode("utf-16"),
        ],
    )
    def test_the_numbers_of_a_file_are_found(self, upload, content):
        response = upload(content)

        numbers = [row.typed.number for row in response.context["check"].rows]
        assert numbers == ["14155550100", "14155550101"]

    def test_what_is_no_number_is_named_with_its_line_in_the_file(self, upload):
        response = upload("Name,Phone\nAlice,4155550100\n\nBob,ask him\n")

        rows = response.context["check"].rows
        assert [(row.typed.place, row.verdict.value) for row in rows] == [
            ("line 2 of the file", "good"),
            ("line 4 of the file", "wrong"),
        ]
        assert "from its column “Phone”" in page_of(response)

    def test_a_file_and_pasted_numbers_are_one_list(self, upload):
        response = upload("Phone\n4155550100\n4155550101\n", numbers="415-555-0100")

        assert [verdict for _, verdict in verdicts(response)] == ["good", "double", "good"]
        text = response.context["form"]["numbers"].value()
        assert text.splitlines() == ["415-555-0100", "4155550100", "4155550101"]

    def test_scientific_notation_finds_its_column_and_is_said_to_be_damaged(self, upload):
        response = upload("A,B\nAlice,1.41556E+10\nBob,1.41556E+10\n")

        assert [verdict for _, verdict in verdicts(response)] == ["wrong", "wrong"]
        assert "rounded" in page_of(response)

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"", "no number in the file"),
            (b"\n\n\n", "no number in the file"),
            (b"Phone\n", "no number in the file"),
            (b"PK\x03\x04" + bytes(200), "workbook"),
            (b"4155550100\x00\n", "Line 1 of the file is not text"),
            (b"4155550100\n\x89PNG\x1a\x00", "Line 2 of the file is not text"),
            (bytes(range(256)), "is not text"),
            (b"Name,City\nAlice,Oakland\n", "No column of the file holds telephone numbers"),
            (b"4155550100\n" * 1500, "more than 1000 rows"),
            (b"4155550100," * 1500, "Line 1 of the file has more than 1000 columns"),
            (b"4155550100,4155550101\n" * 600, "At most 1000 numbers"),
            (b"Phone\n" + b"1" * 140_000, "cannot be read as CSV"),
            (b"1" * (256 * 1024 + 1), "larger than 256 KiB"),
        ],
    )
    def test_a_file_that_will_not_do_is_explained(self, upload, content, said):
        response = upload(content)

        assert response.status_code == 200
        assert said in page_of(response)
        assert not NumberLink.objects.exists()

    @pytest.mark.parametrize(
        "content",
        [
            '=HYPERLINK("https://evil.example","x")\n',
            "@SUM(1)\n+cmd|' /C calc'!A0\n",
            '"><img src=x onerror=alert(1)>\n',
            "\u202e0010555514\n",
            'Phone\n"4155550100\n4155550101\n4155550102',
            "4" * 100_000,
            "," * 100_000,
            '"' * 100_001,
            b"\xff\xfe\x00\xd8",
        ],
    )
    def test_hostile_files_are_shown_as_text_or_refused(self, upload, content):
        response = upload(content)

        assert response.status_code == 200
        assert "<img src=x" not in page_of(response)
        assert "=HYPERLINK" not in page_of(response).replace("=HYPERLINK(&quot;", "")

    def test_a_column_of_another_name_does_not_hide_the_numbers(self, upload):
        response = upload("Number of orders,Contact\n12,4155550100\n7,4155550101\n")

        numbers = [row.typed.number for row in response.context["check"].rows]
        assert numbers == ["14155550100", "14155550101"]
