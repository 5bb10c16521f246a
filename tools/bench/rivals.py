"""The usual ways to log a request, to compare with."""

import threading
import time
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from core.http.client_ip import client_ip
from core.http.user_agents import family
from privacy.models import Visit

GetResponse = Callable[[HttpRequest], HttpResponse]


def visit_of(request: HttpRequest, response: HttpResponse, seconds: float) -> Visit:
    fields: dict[str, Any] = {"at": timezone.now(), "address": client_ip(request), "method": request.method}
    fields |= {"path": request.path, "status": response.status_code, "status_class": response.status_code // 100}
    fields |= {"milliseconds": int(seconds * 1000), "browser": family(request.META.get("HTTP_USER_AGENT", ""))}
    return Visit(**fields)


class InsertMiddleware:
    """A row for each request, through the ORM."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        response = self.get_response(request)
        visit_of(request, response, time.perf_counter() - started).save(force_insert=True)
        return response


class QueueMiddleware:
    """A queue in memory, which a thread writes into the database once a second."""

    SECONDS = 1

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.queue: SimpleQueue[Visit] = SimpleQueue()
        threading.Thread(target=self.work, daemon=True).start()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        response = self.get_response(request)
        self.queue.put(visit_of(request, response, time.perf_counter() - started))
        return response

    def work(self) -> None:
        while True:
            time.sleep(self.SECONDS)
            visits = [self.queue.get() for _ in range(self.queue.qsize())]
            Visit.objects.bulk_create(visits)
            connection.close()
