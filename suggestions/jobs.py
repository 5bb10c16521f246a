"""Background job: checks links."""

from datetime import timedelta

from core.jobs import job
from suggestions.link_checker import check_due


@job(every=timedelta(minutes=1), inline=False, alone=False)
def check_links() -> None:
    """Checks one batch; only in `manage.py work`, since it waits for other people's servers."""
    check_due()
