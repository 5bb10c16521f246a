from datetime import timedelta

from suggestions.checking import check_due
from vietmusic.chores import chore


@chore(every=timedelta(minutes=1), inline=False)
def check_links() -> None:
    """A few at a time; only in `manage.py work`, since it waits for other people's servers."""
    check_due()
