"""Views of the policy, its history and its changes."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.kept_pages.views import kept
from privacy.models import PolicyVersion
from privacy.policy import document, registry_diff, text_diff


@kept("policy", "pageants", "sponsors")  # who gets what
@require_safe
def now(request: HttpRequest) -> HttpResponse:
    current = PolicyVersion.objects.current()
    if current is None:
        raise Http404
    return page(request, current, current)


@kept("policy")
@require_safe
def versions(request: HttpRequest) -> HttpResponse:
    published = PolicyVersion.objects.published().defer("text_en", "text_vi", "snapshot")
    return render(request, "privacy/versions.html", {"versions": published})


@kept("policy", "pageants", "sponsors")  # who gets what
@require_safe
def version(request: HttpRequest, number: int) -> HttpResponse:
    wanted, current = find(number), PolicyVersion.objects.current()
    return page(request, wanted, current)


@kept("policy")
@require_safe
def what_changed(request: HttpRequest, number: int) -> HttpResponse:
    wanted = find(number)
    before = wanted.previous
    context = {"version": wanted, "before": before, **compare(before, wanted)}
    return render(request, "privacy/changes.html", context)


def find(number: int) -> PolicyVersion:
    # No version has a number that no database could hold.
    version = PolicyVersion.objects.published().filter(number=number).first() if number < 2**31 else None
    if version is None:
        raise Http404
    return version


def page(request: HttpRequest, shown: PolicyVersion, current: PolicyVersion | None) -> HttpResponse:
    """The page of a published version; `current` is the one in force."""
    summary, *sections = document.show_published(shown)
    context = {"version": shown, "current": current, "summary": summary, "sections": sections}
    return render(request, "privacy/policy.html", context)


def compare(before: PolicyVersion | None, after: PolicyVersion) -> dict[str, object]:
    """What a version changes, for the template `privacy/differences.html`."""
    if before is None:
        return {}
    changes = registry_diff.between(before.snapshot, after.snapshot)
    return {
        "sentences": changes,
        "is_material": registry_diff.are_material(changes),
        "rows": text_diff.between(before.text, after.text),
    }
