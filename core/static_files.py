"""Static files in production: compressed, named by their digests, each style sheet with those that it imports in it."""

import re
from pathlib import PurePosixPath
from typing import Any

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

IMPORT = re.compile(r'@import "([^"]+)";\n?')


class BundlingStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Puts style sheets into the one that imports them, so that a browser asks once rather than sheet after sheet."""

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Any:
        if not dry_run:
            for name in [name for name in paths if name.endswith(".css")]:
                text = source(name, paths)
                if IMPORT.search(text):
                    self.bundle(name, text, paths)
        yield from super().post_process(paths, dry_run, **options)

    def bundle(self, name: str, text: str, paths: dict[str, Any]) -> None:
        """Writes the sheet with its imports in it, and has all that follows read that instead of the source."""
        folder = PurePosixPath(name).parent
        whole = IMPORT.sub(lambda found: source(str(folder / found[1]), paths), text)
        self.delete(name)
        self._save(name, ContentFile(whole.encode()))
        paths[name] = (self, name)


def source(name: str, paths: dict[str, Any]) -> str:
    storage, path = paths[name]
    with storage.open(path) as file:
        return file.read().decode()
