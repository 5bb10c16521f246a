"""What is shipped for several machines and for containers: the same commands and settings as on one machine."""

import re
import shlex
import shutil
import subprocess
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
import yaml

from deploy import ask
from tests.core.concurrency import ROOT
from tests.deploy.test_files import READ_BY_BOTO3, SETTINGS, read

DEPLOY = ROOT / "deploy"
DOCKERFILE = (DEPLOY / "Dockerfile").read_text()
COMPOSE = yaml.safe_load((DEPLOY / "compose.yml").read_text())
SERVICES = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"] == "vietmusic"}
GUIDE = (ROOT / "docs" / "deploy.md").read_text()
# Of the other programs in compose.yml
OF_OTHERS = {"POSTGRES_USER", "POSTGRES_DB", "POSTGRES_PASSWORD", "SITE_HOST", "WEBS"}


def command_of(unit: str, folder: str = "systemd") -> list[str]:
    """Its last ExecStart: a drop-in empties it first."""
    return shlex.split(re.findall(r"^ExecStart=(.+)$", (DEPLOY / folder / unit).read_text(), re.MULTILINE)[-1])


def for_all(command: list[str]) -> list[str]:
    """What a machine of its own listens to, as one of several does."""
    return [word.replace("127.0.0.1:8000", "0.0.0.0:8000") for word in command]


@pytest.mark.parametrize(
    ("services", "command"),
    [
        (["web-a", "web-b"], for_all(command_of("vietmusic-web.service"))),
        (["worker-a", "worker-b"], command_of("vietmusic-worker.service")),
        (["backup"], command_of("vietmusic-backup.service")),
        (["migrate"], command_of("vietmusic-migrate.service", "machines")),
    ],
)
def test_containers_run_what_units_run(services, command):
    assert [SERVICES[name]["command"] for name in services] == [command] * len(services)


def test_image_and_drop_in_start_the_web_of_the_unit():
    web = for_all(command_of("vietmusic-web.service"))

    assert command_of("vietmusic-web.service.d/private-network.conf", "machines") == web
    assert yaml.safe_load(re.findall(r"^CMD (.+)$", DOCKERFILE, re.MULTILINE)[-1]) == web


def test_migrations_run_in_the_sandbox_of_the_worker():
    units = (DEPLOY / "systemd" / "vietmusic-worker.service", DEPLOY / "machines" / "vietmusic-migrate.service")
    own = {"Type", "ExecStart", "KillMode", "TimeoutStopSec", "TimeoutStartSec", "Restart", "RestartSec"}
    worker, migrate = ({k: v for k, v in read(unit)["Service"].items() if k not in own} for unit in units)

    assert migrate == worker


@pytest.mark.parametrize(("service", "unit"), [("web-a", "web"), ("worker-b", "worker")])
def test_containers_have_the_time_to_stop_that_units_have(service, unit):
    seconds = read(DEPLOY / "systemd" / f"vietmusic-{unit}.service")["Service"]["TimeoutStopSec"]

    assert SERVICES[service]["stop_grace_period"] == f"{seconds}s"


def test_what_the_image_copies_is_there_and_reaches_the_builder():
    copied = {
        source
        for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE)
        for source in line.split()[:-1]
    }
    sent = set(re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE))

    assert copied == sent
    made_by_make_lock = {"requirements-machines.txt"}
    assert {name for name in copied - made_by_make_lock if not (ROOT / name).exists()} == set()
    imported = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "tools"}
    assert imported - copied == set()


def test_nothing_secret_is_sent_to_the_builder():
    assert (ROOT / ".dockerignore").read_text().split("\n")[1] == "*"
    assert not re.search(r"^!(\.env|var|\.git)", (ROOT / ".dockerignore").read_text(), re.MULTILINE)


def test_settings_of_containers_are_the_sites():
    given = {name for service in OURS.values() for name in service.get("environment", ())}
    needed = set(re.findall(r"\$\{([A-Z_]+)", (DEPLOY / "compose.yml").read_text()))

    assert given - SETTINGS == set()
    assert {name for name in needed if not name.startswith("COMPOSE_")} - SETTINGS - READ_BY_BOTO3 == set()
    assert {name for name in needed if name.startswith("COMPOSE_")} - set(re.findall(r"COMPOSE_\w+", GUIDE)) == set()
    others = {name for service in SERVICES.values() for name in service.get("environment", ())} - given
    assert others == OF_OTHERS | READ_BY_BOTO3


def test_machines_differ_in_their_name_their_spool_and_their_log_alone():
    def told(name: str) -> dict:
        service = dict(SERVICES[name])
        letter = name[-1]
        assert service["environment"]["MACHINE"] == letter
        assert f"spool-{letter}:/srv/vietmusic/spool" in service["volumes"]
        service["environment"] = {**service["environment"], "MACHINE": ""}
        service["volumes"] = [volume.replace(f"-{letter}:", ":") for volume in service["volumes"]]
        return service

    assert told("web-a") == told("web-b")
    assert told("worker-a") == told("worker-b")
    assert SERVICES["web-a"]["environment"] == SERVICES["worker-a"]["environment"]


@pytest.mark.parametrize("name", SERVICES)
def test_containers_are_locked_up(name):
    service = SERVICES[name]

    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["mem_limit"]
    assert "privileged" not in service
    assert service.get("read_only") is (None if name == "s3" else True)
    assert ("ports" in service) is (name == "proxy")
    assert name in OURS or re.fullmatch(r"[a-z/]+:[0-9][\w.-]*", service["image"])  # never `latest`


def test_database_caches_and_photos_are_reached_from_inside_alone():
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert {name for name, service in SERVICES.items() if service["networks"] == ["inside"]} == {
        "postgres", "cache", "salt", "s3",
    }  # fmt: skip


def test_webs_begin_once_the_database_is_migrated():
    for name in ("web-a", "web-b", "worker-a", "worker-b"):
        assert SERVICES[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert {service["condition"] for service in SERVICES["proxy"]["depends_on"].values()} == {"service_healthy"}


def test_nginx_of_several_machines_is_that_of_one():
    shipped = DEPLOY / "nginx" / "vietmusic.conf"
    made = subprocess.run(
        ["sh", DEPLOY / "nginx" / "several.sh", shipped],
        env={"SITE_HOST": "music.example", "WEBS": "web-a:8000 web-b:8000", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    servers = "server web-a:8000 fail_timeout=1s; server web-b:8000 fail_timeout=1s; "
    assert servers in made
    back = made.replace(servers, "server 127.0.0.1:8000;")
    assert back.replace("music.example", "vietmusic.example") == shipped.read_text()


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("redis-server"), reason="redis-server is not installed")
@pytest.mark.parametrize("name", ["cache", "salt"])
def test_redis_writes_nothing_to_a_disk(name, tmp_path):
    socket = tmp_path / "redis.sock"
    command = ["redis-server", DEPLOY / "redis" / f"{name}.conf", "--port", "0", "--unixsocket", socket]
    with subprocess.Popen([*command, "--dir", tmp_path], stdout=subprocess.PIPE) as server:
        end = time.monotonic() + 10
        while not socket.exists() and time.monotonic() < end:
            time.sleep(0.02)
        asked = ["redis-cli", "-s", socket, "config", "get"]
        told = [
            subprocess.run([*asked, what], capture_output=True, text=True, check=True).stdout.split("\n")[1]
            for what in ("save", "appendonly", "maxmemory-policy")
        ]
        server.terminate()
        server.communicate(timeout=10)

    assert told == ["", "no", {"cache": "allkeys-lru", "salt": "noeviction"}[name]]
    assert [path.name for path in tmp_path.iterdir() if path.suffix in {".rdb", ".aof"}] == []


@pytest.mark.parametrize(("status", "code", "in_file"), [(200, 0, False), (503, 1, False), (200, 0, True)])
def test_health_is_asked_by_the_sites_name(status, code, in_file, monkeypatch, capsys, tmp_path):
    hosts = []
    names = ".music.example, other.example"
    monkeypatch.setattr(ask, "SETTINGS", tmp_path / ".env")
    monkeypatch.setenv("ALLOWED_HOSTS", names)
    if in_file:
        monkeypatch.delenv("ALLOWED_HOSTS")
        ask.SETTINGS.write_text(f"ALLOWED_HOSTS={names}\n")

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            hosts.append(self.headers["Host"])
            self.send_response(status)
            self.end_headers()
            self.wfile.write(b"told\n")

        def log_message(self, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Site) as server:
        thread = Thread(target=server.handle_request)
        thread.start()
        assert ask.main("/readyz", server.server_port) == code
        thread.join()
        port = server.server_port

    assert (hosts, capsys.readouterr().out) == (["music.example"], "told\n")
    assert ask.main("/readyz", port) == 1
    assert capsys.readouterr().out == "ConnectionRefusedError\n"


def test_alerts_ask_for_metrics_and_queues_that_there_are():
    rules = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text())["groups"][0]["rules"]
    asked = {name for rule in rules for name in re.findall(r"vietmusic_\w+", rule["expr"])}
    told = set(re.findall(r"`(vietmusic_\w+)`", (ROOT / "docs" / "metrics.md").read_text()))
    queues = {name for rule in rules for name in re.findall(r'queue="([^"]+)"', rule["expr"])}
    declared = "".join((ROOT / app / "site.py").read_text() for app in ("pageant", "suggestions", "staff"))

    assert {name.removesuffix("_bucket") for name in asked} - told == set()
    assert [name for name in queues if f'"{name}": Queue(' not in declared] == []
    assert all({"alert", "expr", "labels", "annotations"} <= set(rule) for rule in rules)


def test_folders_of_the_image_are_those_of_the_guide():
    made = set(re.findall(r"(?<= )/\S+", re.search(r"install -d .+$", DOCKERFILE, re.MULTILINE)[0]))
    written = {Path(volume.split(":")[1]) for service in OURS.values() for volume in service.get("volumes", ())}

    assert {str(path) for path in written} <= made
