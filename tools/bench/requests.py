"""What pages cost, in turns with a constant page of bare Django and with the usual list pages."""

from collections import defaultdict
from dataclasses import dataclass, field
from statistics import median

from tools.bench import tables
from tools.bench.processes import Server

CONSTANT = "constant page of bare Django"
LISTS = {
    "naive ListView, first page": "/naive/",
    "naive ListView, page 20": "/naive/?page=20",
    "django-photologue": "/photologue/photolist/",
}


@dataclass
class Costs:
    """The seconds of CPU that requests for one page took in each round: ours, and PostgreSQL's."""

    cpu: list[float] = field(default_factory=list)
    database: list[float] = field(default_factory=list)

    def add(self, server: Server, path: str, times: int, **how: object) -> None:
        cost = server.ask("measure", path=path, times=times, **how)
        self.cpu.append(cost["cpu"])
        self.database.append(cost["database"])

    def share_of(self, constant: "Costs") -> list[float]:
        """Requests per CPU second, as a share of those that the constant page of the same round reaches."""
        return [limit / cost for limit, cost in zip(constant.cpu, self.cpu, strict=True)]


def measure(site: Server, small_site: Server, lists: Server, bare: Server, *, rounds: int, times: int) -> None:
    """`times` requests of each kind in each round, and more for the constant page and kept ones, which are quick."""
    pages, small_pages = site.ask("pages"), small_site.ask("pages")
    constant, kept, fresh, small = Costs(), defaultdict(Costs), defaultdict(Costs), defaultdict(Costs)
    for number in range(-1, rounds):
        if number == 0:  # the round before only warmed up
            constant, kept, fresh, small = Costs(), defaultdict(Costs), defaultdict(Costs), defaultdict(Costs)
        constant.add(bare, "/", times * 20)
        for page, small_page in zip(pages, small_pages, strict=True):
            name, cookie = page["name"], page["cookie"]
            kept[name].add(site, page["path"], times * 20, cookie=cookie)
            fresh[name].add(site, page["path"], times, cookie=cookie, fresh=True)
            small[name].add(small_site, small_page["path"], times, cookie=small_page["cookie"], fresh=True)
        for name, path in LISTS.items():
            fresh[name].add(lists, path, times)
    show(constant, kept, fresh, small)


def show(constant: Costs, kept: dict[str, Costs], fresh: dict[str, Costs], small: dict[str, Costs]) -> None:
    rows = [[CONSTANT, tables.milliseconds(constant.cpu), "1", "", "", "", "", ""]]
    for name, cost in fresh.items():
        again, few = kept.get(name), small.get(name)
        rows.append(
            [
                name,
                *(columns(again, constant) if again else ["", "", ""]),
                *columns(cost, constant),
                f"{median(cost.cpu) / median(few.cpu):.2f}" if few else "",
            ]
        )
    header = ["", "again, ms", "of constant", "PostgreSQL, ms", "fresh, ms", "of constant", "PostgreSQL, ms", "of 1 k"]
    note = (
        "CPU of the process for a request, and how many requests a second of it serves, as a share of the\n"
        "constant page's: medians, and quartiles, of rounds. PostgreSQL's CPU is apart. A fresh page's address is one\n"
        "that nobody has asked for yet. The last column compares with a site of a thousand entries."
    )
    tables.show("Pages", note, header, rows)


def columns(cost: Costs, constant: Costs) -> list[str]:
    return [tables.milliseconds(cost.cpu), tables.spread(cost.share_of(constant)), tables.milliseconds(cost.database)]
