"""What people do with their own submissions in each app, behind a magic link."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core.submissions import Submission
from privacy.account.person_page import Person, back_to


def withdraw(request: HttpRequest, person: Person, submission: Submission, *, template: str) -> HttpResponse:
    """Asks for confirmation, then withdraws for good. The template gets the submission under its model's name."""
    if request.method != "POST":
        return render(request, template, {str(submission._meta.model_name): submission, "person": person})
    submission.withdraw_now()
    return back_to(person, "withdrawn")
