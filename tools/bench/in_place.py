"""The site without `core/http/uploads_apart.py`, to compare with: `gunicorn tools.bench.in_place`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vietmusic.settings")

application = get_wsgi_application()
