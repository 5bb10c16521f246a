"""Memory of gunicorn's workers, once each has shown all pages."""

from collections.abc import Sequence
from pathlib import Path

from tools.bench import tables
from tools.bench.served import Gunicorn

WARM_UP = 10  # requests for each page


def measure(site: Gunicorn, pages: Sequence[dict[str, str]]) -> None:
    for page in list(pages) * WARM_UP:
        site.get(page["path"], page["cookie"])
    memory = [memory_of(worker) for worker in site.workers()]
    rows = [[f"worker {number}", *map(str, one)] for number, one in enumerate(memory, start=1)]
    note = "Megabytes of each of gunicorn's workers once it is warm, and without what it shares with others."
    tables.show("Memory", note, ["", "Rss", "Pss"], rows)


def memory_of(process: str) -> list[int]:
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    fields = dict(line.split(":", 1) for line in lines[1:])
    return [int(fields[name].split()[0]) // 1024 for name in ("Rss", "Pss")]
