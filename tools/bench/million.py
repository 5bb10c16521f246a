"""Fills a migrated database with a pageant of a million entries: `python -m tools.bench.million --entries 1000000`.

The rows are invented, but as real ones: names and places repeat, one hobby is common and one rare, some photos look
alike, and staff have work. Files of photos are not made.
"""

import argparse
import os


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000, help="public entries of the open pageant")
    parser.add_argument("--past", type=int, default=1_000, help="public entries of the past pageant")
    parser.add_argument("--listings", type=int, default=20_000, help="websites in the directory")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vietmusic.settings")
    import django  # noqa: PLC0415  the models below need it

    django.setup()
    from tools.bench import seeding  # noqa: PLC0415

    seeding.fill(entries=options.entries, past=options.past, listings=options.listings)


if __name__ == "__main__":
    main()
