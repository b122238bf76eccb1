"""HTTP for a WSGI server, which is how production serves it."""

import os

from django.core.wsgi import get_wsgi_application

from nija import startup

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nija.settings.dev")
application = get_wsgi_application()
startup.become_a_part()
