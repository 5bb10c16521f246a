"""Compares the fingerprints of pictures."""

# Two fingerprints at most this far apart belong to the same picture.
SAME_PICTURE = 6


def distance(a: int, b: int) -> int:
    """The number of bits, of 64, in which two fingerprints differ."""
    return ((a ^ b) & (2**64 - 1)).bit_count()
