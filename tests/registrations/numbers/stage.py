"""Numbers to tell stories of, and what a page says of them."""

from django.core.files.uploadedfile import SimpleUploadedFile

from registrations.forms.reading_numbers import numbers_in_text
from tests.conftest import _stand as stand

__all__ = ["NEW", "fiction", "file_of", "many", "page_of", "stand", "typed", "verdicts"]

NEW = "/numbers/new/"


def fiction(count, area="415"):
    """Numbers that the sandbox's account has, and whose linking goes well."""
    return [f"1{area}55501{ending:02}" for ending in range(count)]


def many(count):
    """Numbers of the right shape, as many as one likes; most are nobody's."""
    return [f"1{area}555{line:04}" for area in range(212, 999) for line in range(2000, 2090)][
        :count
    ]


def typed(*numbers):
    return numbers_in_text("\n".join(numbers))


def verdicts(response):
    """(as given, verdict) of each number on the page of a check."""
    rows = response.context["check"].rows
    return [(row.typed.text, row.verdict.value) for row in rows]


def page_of(response):
    return response.content.decode()


def file_of(content, name="numbers.csv"):
    data = content if isinstance(content, bytes) else content.encode()
    return SimpleUploadedFile(name, data, content_type="text/csv")
