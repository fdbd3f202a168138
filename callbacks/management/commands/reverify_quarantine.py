from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from callbacks import receiving
from callbacks.models import Callback, Outcome


class Command(BaseCommand):
    help = "After a token or PUBLIC_URL was corrected: receive what now proves to be Plivo's."

    def handle(self, *args: Any, **options: Any) -> None:
        forged = Callback.objects.filter(outcome=Outcome.FORGED).order_by("pk")
        received = [receiving.reverify(callback) for callback in forged.iterator(chunk_size=200)]
        proven = sum(callback is not None for callback in received)
        self.stdout.write(f"{proven} of {len(received)} are Plivo's.")
