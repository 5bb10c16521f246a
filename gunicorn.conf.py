"""How gunicorn runs the site; it reads this file by itself. Workers, address and the like: on its command line."""

# Settings are read once, before there are workers: a bad one stops the start in one line instead of once a worker.
preload_app = True

# A socket for gunicornc, which nobody here uses and whoever runs as the site's user could.
control_socket_disable = True

# Seconds. Posts with photos are served by children of the workers, which have a longer limit of their own
# (core/http/uploads_apart.py); but a worker serves them itself if there are very many.
timeout = 180


def when_ready(server):
    """Before there are workers, too: whether the settings have the keys that the data needs."""
    from django.apps import apps  # noqa: PLC0415  it needs the settings

    if apps.ready and apps.is_installed("privacy"):  # this file is read for the tests' and the bench's servers, too
        from privacy.registry import digest_keys  # noqa: PLC0415

        digest_keys.require()


def post_worker_init(worker):
    from core.http.draining import drain_when_stopped  # noqa: PLC0415  it needs gunicorn

    drain_when_stopped(worker)
