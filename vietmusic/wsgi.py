"""The WSGI application: `gunicorn vietmusic.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vietmusic.settings")

application = get_wsgi_application()
