"""How often a client may send entries and photos."""

from datetime import timedelta

from privacy.rate_limits import Limit

ENTRIES = Limit("entries", 5, timedelta(hours=1))
UPLOADS = Limit("uploads", 40, timedelta(hours=1))  # posts with pictures in them, whatever comes of them
