from datetime import timedelta

from privacy import limits, links
from vietmusic.chores import chore


@chore(every=timedelta(hours=1))
def forget_links() -> None:
    links.forget_old()


@chore(every=timedelta(minutes=10))
def forget_attempts() -> None:
    limits.forget_old()
