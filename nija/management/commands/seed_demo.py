from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from nija import demo


class Command(BaseCommand):
    help = "Makes the demo: a recorded market, strategies, a trader, staff and fifty subscribers."

    def handle(self, *args: Any, **options: Any) -> None:
        if demo.is_seeded():
            self.stdout.write("The demo is there already; `bin/run --reset` starts it afresh.")
            return
        self.stdout.write("Making the demo …")
        logins = demo.seed()
        self.stdout.write("Sign in with these; the passwords are shown only this once:")
        for login in logins:
            path = "/admin/" if login.role == "staff" else "/"
            self.stdout.write(
                f"  {login.role:7} {login.email:22} {login.password}   "
                f"http://{settings.HOST}:{settings.PORT}{path}"
            )
