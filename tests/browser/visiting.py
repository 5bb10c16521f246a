"""How a browser comes to a stop of the tour."""

from urllib.parse import urlencode

from playwright.sync_api import Page, Route

from tests.stops import COOKIES, Stop


def visit(page: Page, stop: Stop, language: str) -> None:
    """Opens the page as somebody does who comes there first."""
    page.context.clear_cookies()
    if stop.choice:
        page.request.post(COOKIES, form={"choice": stop.choice})
    for path in stop.visited:
        page.request.get(path)

    def send(route: Route) -> None:
        headers = {**route.request.headers, **stop.headers}
        if stop.post is None:
            route.continue_(headers=headers)
        else:
            headers["content-type"] = "application/x-www-form-urlencoded"
            route.continue_(method="POST", headers=headers, post_data=urlencode(stop.post))

    path = stop.path_in(language)
    page.route(lambda address: address.endswith(path), send, times=1)
    response = page.goto(path)
    assert response is not None
    assert response.status == stop.status, stop.name
