"""What tests of the core share."""

import json
import os
import shutil
import subprocess

import pytest


@pytest.fixture
def read_tags(tmp_path):
    """Reads and writes tags with exiftool, which shares no code with Pillow."""
    if not shutil.which("exiftool"):
        if os.environ.get("CI"):
            pytest.fail("exiftool is missing: install libimage-exiftool-perl")
        pytest.skip("exiftool is missing: install libimage-exiftool-perl")

    def run(data: bytes, *arguments: str) -> dict[str, object]:
        file = tmp_path / "picture"
        file.write_bytes(data)
        output = subprocess.run(
            ["exiftool", "-j", "-G1", "-a", "-n", *arguments, file], check=True, capture_output=True
        ).stdout
        (tags,) = json.loads(output)
        about_the_file = ("SourceFile", "ExifTool:", "System:", "Composite:")
        return {name: value for name, value in tags.items() if not name.startswith(about_the_file)}

    return run


@pytest.fixture
def write_tags(read_tags, tmp_path):
    def run(data: bytes, *arguments: str) -> bytes:
        source, target = tmp_path / "source", tmp_path / "target"
        source.write_bytes(data)
        target.unlink(missing_ok=True)
        subprocess.run(["exiftool", "-q", *arguments, "-o", target, source], check=True)
        return target.read_bytes()

    return run
