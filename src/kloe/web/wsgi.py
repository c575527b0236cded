"""The application as a WSGI server sees it."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kloe.web.settings")

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
