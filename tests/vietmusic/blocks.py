"""What the blocks of the home page show."""

from django.http import HttpResponse


def block(response: HttpResponse, name: str, what: str, *, app: str = "pageant") -> list:
    """The rows `what` of an app's block of that name; empty without such a block."""
    contexts = zip(response.templates, response.context, strict=True)
    blocks = [context["block"] for template, context in contexts if template.name == f"{app}/home/{name}.html"]
    return [row for block in blocks for row in block[what]]
