"""Whole public pages, kept in memory and served in front of Django while nothing on them has changed.

    view       decorated with `@kept("pageants:{slug}", "policy")`: it gets a request that has nothing of its reader,
               and the page that it makes is the same for all. What isn't is a hole, filled for each (making.py)
    version    a row for each topic, which triggers move in the very transaction that changes a table behind it
               (triggers.py, declared in `<app>/site.py`). A page is kept with the versions read before it was made
    hit        a request without cookies finds its page in memory, reads the versions anew, and gets it if they are the
               same (front.py); both logs are written as for any other

So a page is as right as one that is made anew, on every process and machine, whoever changed the database and however
they ended. See docs/decisions/kept-pages.md.
"""
