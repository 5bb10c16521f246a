"""What the blocks of the home page show."""

from django.http import HttpResponse


def block(response: HttpResponse, name: str, what: str, *, app: str = "pageant") -> list:
    """The rows `what` of an app's block of that name; empty without such a block."""
    template = f"{app}/home/{name}.html"
    blocks = [block for block in response.context["blocks"] if block.template == template]
    return [row for block in blocks for row in block.context[what]]
