"""How gunicorn runs the site; it reads this file by itself. Workers, address and the like: on its command line."""

# Settings are read once, before there are workers: a bad one stops the start in one line instead of once a worker.
preload_app = True

# Seconds. A post may bring five photos, and decoding one may take up to half a minute on a busy machine.
timeout = 180
