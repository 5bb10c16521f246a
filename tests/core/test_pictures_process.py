"""The process of the decoder: its limits, its end, and what is believed of its answer."""

import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from functools import cache
from pathlib import Path

import pytest

from core.pictures import decoder, masters
from core.pictures.decoder import Refusal
from core.pictures.masters import Master, PhotoRefused, TooBusy
from tests.core import pictures
from tests.core.concurrency import run
from tests.core.masters import GOOD_FACTS, GOOD_JPEG, SVG, answer_of, make_master, refusal_of, size_of


@cache
def bomb() -> bytes:
    return pictures.progressive_bomb(6300, scans=5000)


def test_large_progressive_jpeg_is_taken_within_the_limits():
    assert size_of(make_master(pictures.progressive_bomb(6300, scans=2))) == (2560, 2560)


def test_progressive_bomb_is_refused_in_time_and_memory(monkeypatch, tmp_path):
    """With less time than on the site, which would make this test slow."""
    few_seconds = "import resource, runpy; resource.setrlimit(resource.RLIMIT_CPU, (2, 2))"
    program = f"{few_seconds}; runpy.run_path({str(masters.DECODER)!r}, run_name='__main__')"
    data = bomb()
    run_instead_of_the_decoder(program, monkeypatch, tmp_path)
    monkeypatch.setattr(masters, "SECONDS", 600)  # the machine may be busy with other tests
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert refusal_of(data, by=make_master) == Refusal.BROKEN
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime > 1.5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 32 * 1024  # in KiB


def running_decoder() -> int | None:
    """The process id of the decoder that this process started."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            command = (folder / "cmdline").read_bytes()
        except OSError:
            continue  # ended meanwhile
        if parent == os.getpid() and b"decoder.py" in command:
            return int(folder.name)
    return None


def kill_the_decoder() -> None:
    for _ in range(500):
        if process := running_decoder():
            os.kill(process, signal.SIGSEGV)
            return
        time.sleep(0.01)


def test_decoder_killed_by_a_signal_is_a_refusal(caplog):
    data = bomb()  # long enough at work to be found
    killer = threading.Thread(target=kill_the_decoder)
    killer.start()
    assert refusal_of(data, by=make_master) == Refusal.BROKEN
    killer.join()
    assert caplog.messages == [f"The photo decoder ended with status {-signal.SIGSEGV}"]


def test_sound_answer_is_believed():
    assert masters.read_answer(answer_of(GOOD_FACTS)) == Master(jpeg=GOOD_JPEG, **GOOD_FACTS)


BAD_ANSWERS = {
    "nothing": b"",
    "no JSON": b"\xff\xfe\n",
    "deep JSON": b"[" * 200_000,
    "a number": b"1\n",
    "a list": b"[]\n",
    "a word": b'"refused"\n',
    "unknown refusal": answer_of({"refused": "because"}),
    "odd refusal": answer_of({"refused": [1]}),
    "missing fact": answer_of({"width": 240, "height": 200, "colour": "#ff0000"}),
    "additional fact": answer_of(GOOD_FACTS | {"admin": True}),
    "width of zero": answer_of(GOOD_FACTS | {"width": 0}),
    "height beyond the limit": answer_of(GOOD_FACTS | {"height": 2561}),
    "width in words": answer_of(GOOD_FACTS | {"width": "240"}),
    "width of true": answer_of(GOOD_FACTS | {"width": True}),
    "colour with more behind it": answer_of(GOOD_FACTS | {"colour": "#ff0000;x"}),
    "colour with a line break": answer_of(GOOD_FACTS | {"colour": "#ff0000\n"}),
    "no colour": answer_of(GOOD_FACTS | {"colour": None}),
    "fingerprint of 65 bits": answer_of(GOOD_FACTS | {"fingerprint": 2**63}),
    "fingerprint in words": answer_of(GOOD_FACTS | {"fingerprint": "1"}),
    "no JPEG": answer_of(GOOD_FACTS, b""),
    "a page": answer_of(GOOD_FACTS, SVG),
    "half a JPEG": answer_of(GOOD_FACTS, GOOD_JPEG[:200]),
}


@pytest.mark.parametrize("answer", BAD_ANSWERS.values(), ids=BAD_ANSWERS.keys())
def test_unsound_answer_is_a_refusal(answer):
    with pytest.raises(PhotoRefused) as refused:
        masters.read_answer(answer)
    assert refused.value.refusal == Refusal.BROKEN


GOOD_ANSWER = f"sys.stdout.buffer.write({answer_of(GOOD_FACTS)!r}); sys.stdout.flush()"
WILD_PROGRAMS = {
    "fails": "sys.exit(1)",
    "fails after a good answer": f"{GOOD_ANSWER}; sys.exit(1)",
    "crashes after a good answer": f"{GOOD_ANSWER}; os.kill(os.getpid(), signal.SIGSEGV)",
    "goes over its CPU limit": "import resource; resource.setrlimit(resource.RLIMIT_CPU, (1, 1))\nwhile True: pass",
    "never stops talking": "while True: os.write(1, b'x' * 65536)",
}
SLOW_PROGRAMS = {
    "never ends": "time.sleep(60)",
    "never ends after a good answer": f"{GOOD_ANSWER}; os.close(1); time.sleep(60)",
}


def run_instead_of_the_decoder(program: str, monkeypatch, tmp_path) -> None:
    file = tmp_path / "program.py"
    file.write_text(f"import os, signal, sys, time\n{program}\n")
    monkeypatch.setattr(masters, "DECODER", file)


@pytest.mark.parametrize("program", WILD_PROGRAMS.values(), ids=WILD_PROGRAMS.keys())
def test_decoder_gone_wild_is_a_refusal(program, monkeypatch, tmp_path):
    run_instead_of_the_decoder(program, monkeypatch, tmp_path)
    assert refusal_of(b"anything", by=make_master) == Refusal.BROKEN


@pytest.mark.parametrize("program", SLOW_PROGRAMS.values(), ids=SLOW_PROGRAMS.keys())
def test_decoder_stopped_by_the_clock_says_nothing_about_the_file(program, monkeypatch, tmp_path):
    run_instead_of_the_decoder(program, monkeypatch, tmp_path)
    monkeypatch.setattr(masters, "SECONDS", 1)
    start = time.monotonic()
    with pytest.raises(TooBusy):
        make_master(b"anything")
    assert time.monotonic() - start < 20  # the programs take 60 or more


def test_program_that_answers_well_is_believed(monkeypatch, tmp_path):
    """Or else the tests above would show nothing."""
    run_instead_of_the_decoder(GOOD_ANSWER, monkeypatch, tmp_path)
    assert make_master(b"anything").jpeg == GOOD_JPEG


def test_decoder_sees_no_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("SECRET_KEY", "secret")
    run_instead_of_the_decoder(f"assert 'SECRET_KEY' not in os.environ; {GOOD_ANSWER}", monkeypatch, tmp_path)
    assert make_master(b"anything").jpeg == GOOD_JPEG


LIMITS = """
import json, resource, sys
sys.path.insert(0, sys.argv[1])
from core.pictures import decoder
decoder.give_up_rights()
limits = {name: resource.getrlimit(getattr(resource, name)) for name in sys.argv[2:]}
try:
    bytearray(2 * 1024**3)
except MemoryError:
    limits["memory"] = "refused"
print(json.dumps(limits))
"""


def test_decoder_gives_up_its_rights():
    expected = {
        "RLIMIT_AS": [decoder.ADDRESS_SPACE] * 2,
        "RLIMIT_CPU": [decoder.CPU_SECONDS] * 2,
        "RLIMIT_CORE": [0, 0],
        "RLIMIT_FSIZE": [0, 0],
        "RLIMIT_NPROC": [0, 0],
    }
    command = [sys.executable, "-I", "-B", "-c", LIMITS, masters.ROOT, *expected]
    output = subprocess.run(command, check=True, capture_output=True).stdout
    assert json.loads(output) == expected | {"memory": "refused"}


def test_decoder_knows_nothing_of_the_site():
    code = "import sys; sys.path.insert(0, sys.argv[1]); import core.pictures.decoder; print(*sys.modules)"
    command = [sys.executable, "-I", "-B", "-c", code, masters.ROOT]
    modules = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    assert {name.partition(".")[0] for name in modules} & {"django", "vietmusic", "pageant", "PIL"} == {"PIL"}
    assert {name for name in modules if name.startswith("core.")} == {
        "core.pictures",
        "core.pictures.decoder",
        "core.pictures.png_chunks",
    }


def test_decoder_is_nice_to_those_who_read():
    niceness = "import os; from core.pictures import decoder; decoder.give_up_rights(); print(os.nice(0))"

    assert run(["-c", niceness]).stdout.strip() == str(max(os.nice(0), decoder.NICENESS))
