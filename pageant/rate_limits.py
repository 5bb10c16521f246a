"""How often a client may send entries and photos.

By network, generously: a school class, a venue or the customers of a mobile carrier share one. The limit that protects
mailboxes counts by e-mail address (privacy.rate_limits.MAILS).
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.http import HttpRequest

from core.http.client_ip import client_network
from core.http.uploads_apart import ends_at
from core.pictures import masters, queue
from privacy.rate_limits import Limit

ENTRIES = Limit("entries", 60, timedelta(hours=1))
UPLOADS = Limit("uploads", 300, timedelta(hours=1))  # posts with pictures, valid or not


ANSWERING = 10  # seconds, after photos have been decoded


@contextmanager
def reading_photos(request: HttpRequest) -> Iterator[float | None]:
    """Yields until when the photos of a post may be decoded within the block, on the monotonic clock; 0: not now.

    Waits for their turn where nobody else has to wait for that, as long as time enough is left to decode them.
    """
    if not request.FILES:
        yield None
        return
    is_heavy = UPLOADS.spend(client_network(request)) > 0
    until = ends_at(request) - ANSWERING
    with queue.turn(is_heavy=is_heavy, patience=until - masters.SECONDS - time.monotonic()) as is_taken:
        yield until if is_taken else 0
