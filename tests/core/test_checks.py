"""Warnings about what machines that serve one site don't share."""

import pytest
from django.core.checks import run_checks

from tests.core.buckets import storages_in

SHARED_CACHE = {"default": {"BACKEND": "core.shared_cache.SharedCache", "LOCATION": "redis://127.0.0.1:1"}}


def found() -> list[str]:
    return [message.id for message in run_checks(tags=["machines"], include_deployment_checks=True)]


@pytest.mark.parametrize(
    ("shared", "warnings"),
    [
        ((), ["core.W001", "core.W002", "core.W003", "core.W004"]),
        (("DATABASES",), ["core.W002", "core.W003", "core.W004"]),
        (("DATABASES", "CACHES"), ["core.W003", "core.W004"]),
        (("DATABASES", "CACHES", "STORAGES"), []),
    ],
)
def test_what_machines_do_not_share_is_named_once_there_are_several(settings, monkeypatch, shared, warnings):
    engine = "postgresql" if "DATABASES" in shared else "sqlite3"
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", f"django.db.backends.{engine}")
    if "CACHES" in shared:
        settings.CACHES = SHARED_CACHE
    if "STORAGES" in shared:
        settings.STORAGES = {**settings.STORAGES, **storages_in("http://127.0.0.1:1", "photos")}

    assert found() == []
    settings.MACHINE = "web-1"
    assert found() == warnings
    assert run_checks(tags=["machines"]) == []
