"""What the directory shows on a person's own page."""

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from privacy.account.person_page import Person
from suggestions.models import Suggestion


def websites_section(request: HttpRequest, person: Person) -> SafeString | str:
    suggestions = Suggestion.objects.of(person.email).select_related("category").order_by("-created_at")
    if not suggestions:
        return ""
    return render_to_string("suggestions/own/section.html", {"suggestions": suggestions, "person": person}, request)
