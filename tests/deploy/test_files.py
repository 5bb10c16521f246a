"""The files that are shipped for production, and what docs/deploy.md says about them."""

import re
import shutil
import subprocess
from configparser import RawConfigParser
from pathlib import Path
from runpy import run_path

import pytest
from django.core.management import get_commands

from core.http import uploads_apart
from core.pictures import decoding
from pageant.rate_limits import ANSWERING
from tests.core.concurrency import ROOT

UNITS = sorted((ROOT / "deploy" / "systemd").iterdir())
OF_SEVERAL = sorted((ROOT / "deploy" / "machines").glob("*.service"))
SERVICES = [unit for unit in (*UNITS, *OF_SEVERAL) if unit.suffix == ".service"]
GUIDE = (ROOT / "docs" / "deploy.md").read_text()
SETTINGS = set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
READ_BY_BOTO3 = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
SCRIPTS = [ROOT / ".ci" / "run"]


def read(unit: Path) -> RawConfigParser:
    parser = RawConfigParser(strict=True)
    parser.optionxform = str  # systemd's names have capitals
    parser.read_string(unit.read_text())
    return parser


def test_units_are_those_of_the_guide():
    assert [unit.name for unit in UNITS if unit.stem not in GUIDE] == []
    assert [unit.name for unit in UNITS] == [
        "vietmusic-backup.service",
        "vietmusic-backup.timer",
        "vietmusic-web.service",
        "vietmusic-worker.service",
    ]


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.stem)
def test_service_runs_in_a_sandbox_as_a_user_of_its_own(unit):
    service = read(unit)["Service"]

    strict = {"User": "vietmusic", "ProtectSystem": "strict", "NoNewPrivileges": "yes", "CapabilityBoundingSet": ""}
    strict |= {"UMask": "0077", "PrivateTmp": "yes", "ProtectHome": "yes", "SystemCallFilter": "@system-service"}
    assert {name: service.get(name) for name in strict} == strict
    assert "/opt" not in service["ReadWritePaths"]  # the site cannot write its own code


def test_web_and_worker_may_write_where_the_guide_puts_data():
    example = dict(re.findall(r"^ +([A-Z_]+)=(/\S+)", GUIDE, re.MULTILINE))
    assert set(example) == {"MEDIA_ROOT", "PRIVATE_MEDIA_ROOT", "VISIT_SPOOL", "ERASURE_LOG"}
    for name in ("web", "worker"):
        writable = read(ROOT / "deploy" / "systemd" / f"vietmusic-{name}.service")["Service"]["ReadWritePaths"].split()
        outside = [path for path in example.values() if not any(Path(path).is_relative_to(root) for root in writable)]
        assert outside == []


def test_units_pass_what_systemd_itself_checks(tmp_path):
    """Where systemd is installed; a container need not have it, and the tests above hold there as well."""
    if not shutil.which("systemd-analyze"):
        return
    drop_ins = sorted((ROOT / "deploy" / "machines").glob("*.d/*.conf"))
    for unit in (*UNITS, *OF_SEVERAL, *drop_ins):
        name = unit.relative_to(unit.parent.parent) if unit in drop_ins else unit.name
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(unit.read_text().replace("/opt/vietmusic", str(ROOT)))

    units = sorted(path for path in tmp_path.iterdir() if path.is_file())
    checked = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)

    ours = [line for line in checked.stderr.splitlines() if "vietmusic-" in line]
    assert (ours, checked.returncode) == ([], 0)


def test_settings_in_the_guide_exist():
    named = set(re.findall(r"\b([A-Z]+_[A-Z_]+)\b", GUIDE)) | set(re.findall(r"`([A-Z]{4,})\b", GUIDE))

    of_compose = set(re.findall(r"\$\{(\w+)", (ROOT / "deploy" / "compose.yml").read_text()))
    of_nginx = set(re.findall(r"\$([A-Z_]+)", (ROOT / "deploy" / "nginx" / "several.sh").read_text()))
    assert len(named) > 8
    assert named - SETTINGS - READ_BY_BOTO3 - of_compose - of_nginx == set()


@pytest.mark.parametrize(
    "document",
    [
        "README.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md")),
    ],
)
def test_commands_named_in_docs_exist(document):
    text = (ROOT / document).read_text()
    commands = set(re.findall(r"manage\.py ([a-z_]+)", text))

    assert commands - set(get_commands()) == set()


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_shell_scripts_parse(script):
    checked = subprocess.run(["bash", "-n", script], capture_output=True, text=True, check=False)

    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.parametrize("timeout", ["proxy_send_timeout", "proxy_read_timeout"])
def test_nginx_waits_longer_than_photos_may(timeout):
    site = (ROOT / "deploy" / "nginx" / "vietmusic.conf").read_text()

    assert int(re.search(rf"{timeout} (\d+)s;", site)[1]) > uploads_apart.SECONDS


def test_photos_have_time_left_after_they_have_waited():
    needed = decoding.SECONDS + ANSWERING

    assert needed < uploads_apart.SECONDS - uploads_apart.BEFORE_READING
    assert needed <= uploads_apart.IN_PLACE < run_path(ROOT / "gunicorn.conf.py")["timeout"]
