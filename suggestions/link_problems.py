"""The problems that link checks find: which of them count against a site, and how staff read them.

A problem is stored as one word, or as the status of the response.
"""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

# A server is there, but browsers warn about it.
INSECURE = frozenset({"certificate", "tls"})

# Cloudflare could not reach the server behind it, perhaps only from where we are.
UNREACHED = frozenset(map(str, range(520, 531)))

# These say nothing about the site.
INCONCLUSIVE = UNREACHED | {"port"}

WORDS = {
    "address": gettext_noop("its address is one that we no longer accept"),
    "certificate": gettext_noop("its certificate is not valid"),
    "connection": gettext_noop("we cannot connect to it"),
    "forbidden": gettext_noop("its name leads to a private network"),
    "head": gettext_noop("its answer is not that of a website"),
    "name": gettext_noop("its name cannot be found"),
    "port": gettext_noop("it is on a port that we do not check"),
    "redirect": gettext_noop("it redirects to something that is not a website"),
    "redirects": gettext_noop("it redirects too many times"),
    "slow": gettext_noop("it takes too long to answer"),
    "tls": gettext_noop("it uses encryption that browsers do not accept"),
}


def in_words(problem: str) -> str:
    if problem in WORDS:
        return _(WORDS[problem])
    if problem in UNREACHED:
        return _("Cloudflare cannot reach its server (status %(status)s)") % {"status": problem}
    return _("it answers with status %(status)s") % {"status": problem} if problem else ""
