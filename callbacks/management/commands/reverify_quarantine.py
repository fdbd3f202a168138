from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from callbacks import quarantine


class Command(BaseCommand):
    help = "After a token or PUBLIC_URL was corrected: receive what now proves to be Plivo's."

    def handle(self, *args: Any, **options: Any) -> None:
        proven, looked_at = quarantine.reverify()
        self.stdout.write(f"{proven} of {looked_at} are Plivo's.")
