"""Those of a throw-away site with demo content, behind a proxy and with a worker, as deployed."""

from tools.looks.settings import *  # noqa: F403

TRUSTED_PROXIES = 1
WORK = "worker"
LOGGING["loggers"]["django.request"] = {"level": "ERROR"}  # noqa: F405  each answer that says to wait would be a warning
