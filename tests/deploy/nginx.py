"""nginx with the site that is shipped, on ports of its own and with a certificate of its own."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.core.concurrency import ROOT

SITE = ROOT / "deploy" / "nginx" / "vietmusic.conf"
SEVERAL = SITE.with_name("several.sh")
PROGRAM = shutil.which("nginx", path="/usr/sbin:/usr/bin")
OPENSSL = shutil.which("openssl")

MAIN = """
daemon off;
{master}
pid {folder}/pid;
error_log {folder}/error.log;
events {{}}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    scgi_temp_path {folder}/scgi;
    uwsgi_temp_path {folder}/uwsgi;
    include {folder}/site.conf;
}}
"""


def command(folder: Path) -> list[str]:
    return [str(PROGRAM), "-e", str(folder / "start.log"), "-c", str(folder / "nginx.conf")]


def make_certificate(folder: Path, name: str) -> None:
    files = ["-keyout", folder / "key.pem", "-out", folder / "cert.pem", "-subj", f"/CN={name}"]
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *files]
    subprocess.run(make, check=True, capture_output=True)


def configure(
    folder: Path, *, http: int, https: int, upstreams: Sequence[int], name: str = "vietmusic.example", master: str = ""
) -> None:
    """Writes the configuration, with logs in that folder. `master` is a line about processes."""
    site = SITE.read_text()
    for shipped, here in {
        "listen 80;": f"listen 127.0.0.1:{http};",
        "listen 443 ssl http2;": f"listen 127.0.0.1:{https} ssl http2;",
        "    listen [::]:80;\n": "",
        "    listen [::]:443 ssl http2;\n": "",
        "/etc/letsencrypt/live/vietmusic.example/fullchain.pem": str(folder / "cert.pem"),
        "/etc/letsencrypt/live/vietmusic.example/privkey.pem": str(folder / "key.pem"),
        "/var/log/nginx/vietmusic.log": str(folder / "access.log"),
    }.items():
        assert site.count(shipped) == 1, shipped
        site = site.replace(shipped, here)
    (folder / "shipped.conf").write_text(site)
    env = {"PATH": os.environ["PATH"], "SITE_HOST": name, "WEBS": " ".join(f"127.0.0.1:{port}" for port in upstreams)}
    made = subprocess.run(["sh", SEVERAL, folder / "shipped.conf"], env=env, check=True, capture_output=True)
    (folder / "site.conf").write_bytes(made.stdout)
    (folder / "nginx.conf").write_text(MAIN.format(folder=folder, master=master))


def check(folder: Path) -> None:
    checked = subprocess.run([*command(folder), "-t"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
