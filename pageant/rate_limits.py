"""How often a client may send entries and photos.

By network, generously: a school class, a venue or the customers of a mobile carrier share one. The limit that protects
mailboxes counts by e-mail address (privacy.rate_limits.MAILS).
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta

from django.http import HttpRequest

from core.http.client_ip import client_network
from core.pictures.queue import QueueFull, turn_in_queue
from privacy.rate_limits import Limit

ENTRIES = Limit("entries", 60, timedelta(hours=1))
UPLOADS = Limit("uploads", 300, timedelta(hours=1))  # posts with pictures, valid or not


@contextmanager
def reading_photos(request: HttpRequest) -> Iterator[bool]:
    """Yields whether the photos of a post may be read within the block. Beyond UPLOADS, waits in the queue."""
    if not request.FILES or not UPLOADS.spend(client_network(request)):
        yield True
        return
    with ExitStack() as stack:
        try:
            stack.enter_context(turn_in_queue())
        except QueueFull:
            yield False
        else:
            yield True
