from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from trading.gates.codes_page import codes_page

PAGE = Path("docs/codes.md")


class Command(BaseCommand):
    help = f"Writes {PAGE}: every code with which something is refused."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        page = Path(settings.BASE_DIR) / PAGE
        page.write_text(codes_page(), encoding="utf-8")
        self.stdout.write(f"{PAGE} is written.")
