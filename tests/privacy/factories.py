"""Versions of the policy for tests."""

from typing import Any

from django.contrib.auth.models import User
from django.core.cache import cache as the_cache

from privacy.models import PolicyVersion
from privacy.models.policy_version import NOTICE
from privacy.policy import snapshots
from privacy.policy.snapshots import Snapshot


def make_draft(**fields: Any) -> PolicyVersion:
    """A draft with the texts in force."""
    current = PolicyVersion.objects.current()
    return PolicyVersion.objects.create(**{"text_en": current.text_en, "text_vi": current.text_vi, **fields})


def publish_policy(snapshot: Snapshot | None = None, *, by: User | None = None, **fields: Any) -> PolicyVersion:
    """A published version, with that snapshot or the registry as it is."""
    draft = make_draft(**fields)
    snapshot = snapshots.take() if snapshot is None else snapshot
    draft.publish(by=by, seen=draft.seen(snapshot, PolicyVersion.objects.current()), snapshot=snapshot)
    the_cache.delete(NOTICE)  # a test's transaction is never committed
    return draft
