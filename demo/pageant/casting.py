"""Casts the demo's pictures: each person gets some that suit them, and none like those of the people around them."""

from collections import deque
from collections.abc import Collection, Iterable, Iterator

from demo.pageant.lacquer import PALETTES
from demo.pageant.pictures import MOTIFS, seed_of

APART = 12  # the first pictures of so many people on either side show something else
STRIDE = 3  # palettes from one person to the next: neighbours differ in rows of two, three and four as well


def cast(wishes: Iterable[tuple[Collection[str], int]]) -> Iterator[tuple[int, ...]]:
    """Yields each person's seeds for `pictures.draw`, from their hobbies and how many pictures to make."""
    recent: deque[int] = deque(maxlen=APART)
    for number, (hobbies, count) in enumerate(wishes):
        first = cover(hobbies, recent)
        recent.append(first)
        motifs = [(first + 4 * place) % len(MOTIFS) for place in range(count)]
        yield tuple(
            seed_of(motif, (number + place) * STRIDE % len(PALETTES), number) for place, motif in enumerate(motifs)
        )


def cover(hobbies: Collection[str], recent: Collection[int]) -> int:
    """The motif that suits the hobbies best, of those that nobody nearby shows."""
    free = [motif for motif in range(len(MOTIFS)) if motif not in recent]
    return max(free, key=lambda motif: len(set(hobbies) & set(MOTIFS[motif].hobbies)))
