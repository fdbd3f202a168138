from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand

from registrations import evidence


class Command(BaseCommand):
    help = "Print how every trail ends now. Keep it where database administrators cannot write."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(json.dumps(evidence.checkpoint(), indent=1))
