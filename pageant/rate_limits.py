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
from core.pictures import decoding, queue
from core.pictures.decoding import Decoder
from privacy.rate_limits import Limit

ENTRIES = Limit("entries", 60, timedelta(hours=1))
UPLOADS = Limit("uploads", 300, timedelta(hours=1))  # posts with pictures, valid or not


ANSWERING = 10  # seconds, after photos have been decoded


@contextmanager
def reading_photos(request: HttpRequest) -> Iterator[Decoder]:
    """Yields what decodes the photos of a post within the block, or is too busy for that.

    Waits for their turn where nobody else has to wait for that, as long as time enough is left to decode them.
    """
    if not request.FILES:
        yield Decoder()
        return
    is_heavy = UPLOADS.spend(client_network(request)) > 0
    until = ends_at(request) - ANSWERING
    patience = until - decoding.SECONDS - time.monotonic()
    with queue.turn(is_heavy=is_heavy, patience=patience) as is_taken, Decoder(until=until * is_taken) as decoder:
        yield decoder
