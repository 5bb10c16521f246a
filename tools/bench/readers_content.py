"""Makes a page of entries for `tools/bench/readers.py`: of the demo's people with one small picture, which is quick."""

from dataclasses import replace

import django

django.setup()

from django.contrib.auth import get_user_model  # noqa: E402  needs the settings

from demo.pageant import content, people  # noqa: E402
from demo.pageant.content import IN_PAST, PEOPLE  # noqa: E402

ENTRIES = 24


def main() -> None:
    pageant = content.pageant_like(replace(people.PAGEANTS[1], max_photos=5))
    staff = get_user_model().objects.create(username="bench", is_active=False)
    for number, chosen in list(enumerate(PEOPLE))[IN_PAST:][:ENTRIES]:
        person = replace(chosen, photos=chosen.photos[:1])
        master = content.drawn(person.photos[0], size=(400, 500))
        content.enter(number, person, [master], pageant=pageant, staff=staff)


if __name__ == "__main__":
    main()
