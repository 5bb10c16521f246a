"""What came of each fault, and the table of all."""

from dataclasses import dataclass, field

from tests.faults.visitors import Seen


@dataclass
class Round:
    fault: str
    acknowledged: int = 0  # writes that the site said it took
    lost: list[str] = field(default_factory=list)
    doubled: int = 0  # mails that came twice, though nobody had to doubt that they had arrived
    counted: int = 0  # and those that were in doubt, and were counted
    exposed: list[str] = field(default_factory=list)  # public, though it must not be
    seconds: float = 0  # until well again
    seen: Seen = field(default_factory=Seen)
    notes: list[str] = field(default_factory=list)


def table(rounds: list[Round]) -> list[str]:
    head = (
        f"{'fault':46}{'writes':>7}{'lost':>6}{'doubled':>9}{'(in doubt)':>12}{'exposed':>9}{'well after':>12}"
        f"{'slowest':>9}  worst answer of {'all':>5}"
    )
    rows = [
        f"{one.fault:46}{one.acknowledged:>7}{len(one.lost):>6}{one.doubled:>9}{one.counted:>12}{len(one.exposed):>9}"
        f"{one.seconds:>10.1f} s{one.seen.slowest:>7.1f} s  {one.seen.worst} of {one.seen.kinds.total()}"
        for one in rounds
    ]
    return [head, *rows, *(f"  {one.fault}: {note}" for one in rounds for note in one.notes)]
