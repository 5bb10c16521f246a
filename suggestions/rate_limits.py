"""How often a client may suggest a website."""

from datetime import timedelta

from privacy.rate_limits import Limit

SUGGESTIONS = Limit("suggestions", 30, timedelta(hours=1))
