"""The whole site on loopback, as on two machines: what docs/deploy.md names, each started as its unit starts it.

visitors - nginx - machine a: web, worker - links - PostgreSQL, Redis (cache), Redis (salt), S3, SMTP
                 - machine b: web, worker - links - the same
"""

import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from configparser import RawConfigParser
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg2

from tests.core.concurrency import ROOT
from tests.deploy import nginx
from tests.faults.links import Link, Network
from tests.faults.ports import free_port
from tests.faults.post import Post
from tests.faults.services import Service, until
from tests.with_postgres import Cluster, find_programs

# As PostgreSQL runs in production, where what was committed outlives its processes. The machine itself doesn't crash.
DURABLE = "-F -c listen_addresses= -k ."
REDIS = shutil.which("redis-server")
HOST = "localhost"
LOGS = ROOT / "var" / "faults"
CACHE, SALT, S3, DATABASE = "cache", "salt", "s3", "database"  # the links of a machine
KEYS = {"AWS_ACCESS_KEY_ID": "only-for-tests", "AWS_SECRET_ACCESS_KEY": "only-for-tests"}
REGION, BUCKET = "us-east-1", "vietmusic"


def lacking() -> list[str]:
    """What has to be installed for all this to run."""
    needed = {
        "PostgreSQL": find_programs(),
        "redis-server": REDIS,
        "nginx": nginx.PROGRAM,
        "openssl": nginx.OPENSSL,
        "moto (S3)": find_spec("moto"),
    }
    return [name for name, found in needed.items() if not found]


def started_as(unit: str) -> list[str]:
    """The words with which a unit in deploy/ starts its process, by this Python."""
    parser = RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment]  # systemd's names have capitals
    parser.read(ROOT / "deploy" / "systemd" / f"{unit}.service")
    program, *words = shlex.split(parser["Service"]["ExecStart"])
    return [sys.executable, *(["-m", "gunicorn"] if program.endswith("gunicorn") else []), *words]


@dataclass
class Machine:
    name: str
    folder: Path
    env: dict[str, str]
    links: dict[str, Link]
    code: Path
    port: int = 0
    web: Service = field(init=False)
    worker: Service = field(init=False)

    def __post_init__(self) -> None:
        self.new_web()
        self.new_worker()

    def new_web(self) -> Service:
        """Two workers rather than four, on a port of its own."""
        self.port = free_port()
        words = started_as("vietmusic-web")
        words[words.index("--workers") + 1] = "2"
        words[words.index("--bind") + 1] = f"127.0.0.1:{self.port}"
        self.web = self.service("web", words)
        return self.web

    def new_worker(self) -> Service:
        self.worker = self.service("worker", started_as("vietmusic-worker"))
        return self.worker

    def service(self, name: str, words: list[str]) -> Service:
        log = self.folder.parent / f"{self.name}-{name}.log"  # not on the machine's own disk, which may be full
        return Service(f"{name} {self.name}", words, log=log, cwd=self.code, env=self.env)

    @property
    def services(self) -> list[Service]:
        return [self.web, self.worker]

    def ready(self) -> str:
        """What /readyz says; empty if all is well."""
        asking = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            asking.request("GET", "/readyz", headers={"Host": HOST})
            response = asking.getresponse()
            said = response.read().decode()
            return "" if response.status == 200 else f"{response.status} {said}"
        except (OSError, HTTPException) as error:
            return type(error).__name__
        finally:
            asking.close()

    def turn_clock(self, seconds: float) -> None:
        """Its processes notice within a fifth of a second."""
        Path(self.env["CLOCK"]).write_text(str(seconds))


@dataclass
class Site:
    folder: Path
    code: Path
    cluster: Cluster
    network: Network
    redis: dict[str, Service]
    s3: Service
    post: Post
    smtp: Link
    machines: list[Machine]
    nginx: Service
    port: int
    database: str = "postgres"

    @property
    def url(self) -> str:
        return f"https://{HOST}:{self.port}"

    @property
    def services(self) -> list[Service]:
        return [self.nginx, *(service for machine in self.machines for service in machine.services)]

    def configure_nginx(self) -> None:
        upstreams = [machine.port for machine in self.machines]
        http = int((self.folder / "http-port").read_text())
        nginx.configure(self.folder / "nginx", http=http, https=self.port, upstreams=upstreams, name=HOST)

    def reload_nginx(self) -> None:
        self.configure_nginx()
        os.kill(self.nginx.pid, signal.SIGHUP)

    def problems(self) -> list[str]:
        return [f"{machine.name}: {said}" for machine in self.machines if (said := machine.ready())]

    def manage(self, *words: str, machine: int = 0, **variables: str) -> str:
        return self.python("manage.py", *words, machine=machine, **variables)

    def python(self, *words: str, machine: int = 0, **variables: str) -> str:
        """What a program says that runs on a machine until its end."""
        env = {**self.machines[machine].env, **variables}
        done = subprocess.run(
            [sys.executable, *words], cwd=self.code, env=env, capture_output=True, text=True, check=False, timeout=180
        )
        assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
        return done.stdout

    def begin_anew(self, database: str) -> None:
        """An empty database, as for a restore."""
        self.ask(f"CREATE DATABASE {database}")
        for machine in self.machines:
            machine.env["DATABASE_URL"] = machine.env["DATABASE_URL"].removesuffix(self.database) + database
        self.database = database

    def ask(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Asks the database itself, over no link."""
        connection = psycopg2.connect(host=str(self.cluster.folder), user="postgres", dbname=self.database)
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute(query, values)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()


@contextmanager
def running(code: Path, furniture: str) -> Iterator[tuple[Site, str]]:
    """The site, and what the program `furniture` has said that ran before it was started."""
    with ExitStack() as stack:
        stack.callback(signal.signal, signal.SIGTERM, signal.signal(signal.SIGTERM, signal.default_int_handler))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="faults-", ignore_cleanup_errors=True)))
        folder.chmod(0o755)  # PostgreSQL and nginx have users of their own
        stack.callback(keep_logs, folder)
        network = stack.enter_context(Network().running())
        post = stack.enter_context(Post().listening())
        smtp = network.link(post.port)
        cluster = stack.enter_context(started_cluster(folder / "postgres"))
        redis = {name: stack.enter_context(started_redis(folder / name, name)) for name in (CACHE, SALT)}
        s3_port = free_port()
        s3 = stack.enter_context(started_s3(folder, s3_port))
        port, http = free_port(), free_port()
        (folder / "http-port").write_text(str(http))
        targets: dict[str, int | Path] = {
            DATABASE: cluster.folder / ".s.PGSQL.5432",
            CACHE: folder / CACHE / "socket",
            SALT: folder / SALT / "socket",
            S3: s3_port,
        }
        shared = shared_environment(folder, port, smtp)
        for name in ("a", "b"):
            (folder / name).mkdir()
            stack.enter_context(small_disk(folder / name))
        machines = [machine_of(name, folder, code, network, targets, shared) for name in ("a", "b")]
        web = Service("nginx", nginx.command(folder / "nginx"), log=folder / "nginx.log", cwd=folder, env=os.environ)
        site = Site(folder, code, cluster, network, redis, s3, post, smtp, machines, web, port)
        make_bucket(s3_port)
        site.manage("collectstatic", "--no-input", "--verbosity=0")
        site.manage("migrate", "--verbosity=0")
        said = site.python("-c", furniture)
        (folder / "nginx").mkdir(mode=0o755)
        nginx.make_certificate(folder / "nginx", HOST)
        site.configure_nginx()
        nginx.check(folder / "nginx")
        stack.callback(stop_all, site)
        for service in site.services:
            service.start()
        until(lambda: not site.problems(), "the site is up", problems=site.problems)
        yield site, said


def keep_logs(folder: Path) -> None:
    """In var/faults/, for whoever wants to know more."""
    shutil.rmtree(LOGS, ignore_errors=True)
    LOGS.mkdir(parents=True)
    for log in [*folder.glob("*.log"), *folder.glob("nginx/*.log")]:
        shutil.copy(log, LOGS)


def stop_all(site: Site) -> None:
    for service in site.services:
        if service.is_wanted:
            service.stop(signal.SIGKILL)


@contextmanager
def started_cluster(folder: Path) -> Iterator[Cluster]:
    programs = find_programs()
    assert programs
    folder.mkdir()
    cluster = Cluster(programs, folder, DURABLE)
    cluster.start()
    try:
        yield cluster
    finally:
        cluster.stop()


@contextmanager
def started_redis(folder: Path, name: str) -> Iterator[Service]:
    """Without persistence: what it holds ends with it."""
    folder.mkdir()
    words = ["--port", "0", "--unixsocket", f"{folder}/socket", "--dir", str(folder), "--save", ""]
    yield from started(Service(name, [str(REDIS), *words], log=folder / "log", cwd=folder, env=os.environ))


@contextmanager
def started_s3(folder: Path, port: int) -> Iterator[Service]:
    words = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    env = {"PATH": os.environ["PATH"], **KEYS}
    yield from started(Service("s3", words, log=folder / "s3.log", cwd=folder, env=env))


def started(service: Service) -> Iterator[Service]:
    service.start()
    try:
        yield service
    finally:
        service.stop(signal.SIGKILL)


def make_bucket(port: int) -> None:
    import boto3  # noqa: PLC0415  heavy, and only needed here

    keys = {name.lower(): value for name, value in KEYS.items()}
    client = boto3.client("s3", endpoint_url=f"http://127.0.0.1:{port}", region_name=REGION, **keys)
    until(lambda: can_connect(port), "S3 is up")
    client.create_bucket(Bucket=BUCKET)
    client.close()


def can_connect(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def shared_environment(folder: Path, port: int, smtp: Link) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "LC_ALL": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
        "DJANGO_SETTINGS_MODULE": "vietmusic.settings",
        "SECRET_KEY": "only-for-tests-" + "x" * 40,
        "ALLOWED_HOSTS": HOST,
        "SITE_URL": f"https://{HOST}:{port}",
        "TRUSTED_PROXIES": "1",
        "WORK": "worker",
        "EMAIL_URL": f"smtp://127.0.0.1:{smtp.port}",
        "DEFAULT_FROM_EMAIL": "Vietmusic <hello@vietmusic.example>",
        **KEYS,
    }


def machine_of(
    name: str, folder: Path, code: Path, network: Network, targets: Mapping[str, int | Path], shared: Mapping[str, str]
) -> Machine:
    own = folder / name
    links = {kind: network.link(target) for kind, target in targets.items()}
    env = {
        **shared,
        "DATABASE_URL": f"postgres://postgres@127.0.0.1:{links[DATABASE].port}/postgres",
        "VISIT_SPOOL": str(own / "spool"),
        "ERASURE_LOG": str(own / "erasures.jsonl"),
        "TMPDIR": str(own / "tmp"),
        "HOME": str(own),
        **on_several_machines(name, links),
        **turnable_clock(folder / f"{name}.clock"),
    }
    (own / "tmp").mkdir()
    return Machine(name, own, env, links, code)


def on_several_machines(name: str, links: Mapping[str, Link]) -> dict[str, str]:
    s3 = f"endpoint=http://127.0.0.1:{links[S3].port}&region={REGION}"
    return {
        "MACHINE": name,
        "CACHE_URL": f"redis://127.0.0.1:{links[CACHE].port}/0",
        "DAY_SALT_URL": f"redis://127.0.0.1:{links[SALT].port}/0",
        "MEDIA_STORAGE_URL": f"s3://{BUCKET}/public?{s3}",
        "PRIVATE_STORAGE_URL": f"s3://{BUCKET}/private?{s3}",
    }


@contextmanager
def small_disk(folder: Path, megabytes: int = 64) -> Iterator[None]:
    """A disk of its own on that folder, where this process may mount one."""
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0755", "tmpfs", str(folder)]
    is_mounted = subprocess.run(mount, check=False, capture_output=True).returncode == 0
    try:
        yield
    finally:
        if is_mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=False)


def turnable_clock(file: Path) -> dict[str, str]:
    file.write_text("0")
    return {"CLOCK": str(file), "PYTHONPATH": str(Path(__file__).parent / "clock")}
