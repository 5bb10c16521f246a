"""The process of the decoder: its limits, its end, and what is believed of its answer."""

import ast
import io
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from core.pictures import decoder, decoding, masters
from core.pictures.decoder import Refusal
from core.pictures.decoding import Decoder, TooBusy
from core.pictures.masters import Master, PhotoRefused
from tests.core import pictures
from tests.core.concurrency import run, start, wait_until
from tests.core.masters import GOOD_FACTS, GOOD_JPEG, SVG, answer_of, make_master, refusal_of, size_of


@cache
def bomb() -> bytes:
    return pictures.progressive_bomb(6300, scans=5000)


def test_large_progressive_jpeg_is_taken_within_the_limits():
    assert size_of(make_master(pictures.progressive_bomb(6300, scans=2))) == (2560, 2560)


def test_progressive_bomb_is_refused_in_time_and_memory(monkeypatch, tmp_path):
    """With less time than on the site, which would make this test slow."""
    data = bomb()
    run_as_decoder("decoder.CPU_SECONDS = 2", monkeypatch, tmp_path)
    monkeypatch.setattr(decoding, "SECONDS", 600)  # the machine may be busy with other tests
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert refusal_of(data, by=make_master) == Refusal.BROKEN
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime > 1.5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 32 * 1024  # in KiB


def children_of(process: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    except FileNotFoundError:  # ended meanwhile
        return []


class Killer(threading.Thread):
    """Sends a signal to a decoder, or to the child that decodes for it, once that is at work."""

    def __init__(self, decoder: Decoder, signal_: int, *, child: bool) -> None:
        super().__init__()
        self.decoder, self.signal, self.child = decoder, signal_, child
        self.start()

    def run(self) -> None:
        wait_until(lambda: self.decoder.process and children_of(self.decoder.process.pid))
        process = self.decoder.process.pid
        self.found = children_of(process)
        os.kill(self.found[0] if self.child else process, self.signal)


def by(decoder: Decoder) -> Callable[[bytes], Master]:
    return lambda data: masters.make_master(io.BytesIO(data), by=decoder)


LITTLE_TIME = "decoder.CPU_SECONDS = 1"  # long enough at work to be found


def test_decoder_killed_by_a_signal_is_a_refusal_of_that_picture_alone(caplog, monkeypatch, tmp_path):
    data = bomb()
    run_as_decoder(LITTLE_TIME, monkeypatch, tmp_path)
    for child in (True, False):
        with Decoder() as decoder:
            killer = Killer(decoder, signal.SIGSEGV, child=child)
            assert refusal_of(data, by=by(decoder)) == Refusal.BROKEN
            killer.join()
            assert by(decoder)(GOOD_JPEG).width == 240
    assert caplog.messages == [f"The photo decoder ended with status {-signal.SIGSEGV}"] * 2


@pytest.mark.parametrize("child", [True, False])
def test_decoder_that_is_stopped_with_the_site_says_nothing_about_the_file(child, monkeypatch, tmp_path):
    run_as_decoder(LITTLE_TIME, monkeypatch, tmp_path)
    with Decoder() as decoder:
        killer = Killer(decoder, signal.SIGTERM, child=child)
        with pytest.raises(TooBusy):
            by(decoder)(bomb())
        killer.join()
    wait_until(lambda: not is_alive(killer.found[0]))


def is_alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


DECODING = """
import io, sys, time
from core.pictures.decoding import Decoder
with Decoder() as decoder:
    decoder.start()
    print(decoder.process.pid, flush=True)
    if sys.argv[1:]:
        decoder.ask(open(sys.argv[1], "rb"))
    time.sleep(60)
"""


def test_decoder_ends_with_the_process_that_started_it(tmp_path):
    (tmp_path / "bomb").write_bytes(bomb())
    for arguments in ([], [str(tmp_path / "bomb")]):
        with start(["-c", DECODING, *arguments]) as site:
            process = int(site.stdout.readline())
            if arguments:
                wait_until(lambda process=process: children_of(process))
            family = [process, *children_of(process)]
            site.kill()
            wait_until(lambda family=family: not any(map(is_alive, family)))


def test_pictures_of_a_form_share_a_process_and_nothing_else(monkeypatch, tmp_path):
    changes = (
        "seen = []\ndecoder.answer = lambda data: repr((seen, seen.append(0), os.getppid(), os.getpid())).encode()"
    )
    run_as_decoder(changes, monkeypatch, tmp_path)
    with Decoder() as decoder:
        answers = []
        for _ in range(2):
            with tempfile.TemporaryFile() as upload:
                answers.append(ast.literal_eval(decoder.ask(upload).decode()))
        parent = decoder.process.pid
    (*of_first, first), (*of_second, second) = answers
    assert of_first == of_second == [[0], None, parent]
    assert first != second
    assert not is_alive(parent)


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


# What the child of a decoder does with any picture, if a file has taken it over.
GOOD_ANSWER = f"sys.stdout.buffer.write({answer_of(GOOD_FACTS)!r}); sys.stdout.flush()"
WILD_PROGRAMS = {
    "fails": "sys.exit(1)",
    "fails after a good answer": f"{GOOD_ANSWER}; sys.exit(1)",
    "crashes after a good answer": f"{GOOD_ANSWER}; os.kill(os.getpid(), signal.SIGSEGV)",
    "goes over its CPU limit": "resource.setrlimit(resource.RLIMIT_CPU, (1, 1))\n    while True: pass",
    "goes over its memory": "bytearray(2 * 1024**3)",
    "writes a file": f"{GOOD_ANSWER}; __import__('tempfile').TemporaryFile().raw.write(b'x')",
    "never stops talking": "while True: os.write(1, b'x' * 65536)",
}
SLOW_PROGRAMS = {
    "never ends": "time.sleep(60)",
    "stops itself for ever": "os.kill(os.getpid(), signal.SIGSTOP)",
    "never ends after a good answer": f"{GOOD_ANSWER}; os.close(1); time.sleep(60)",
}


def run_as_decoder(changes: str, monkeypatch, tmp_path) -> None:
    """Lets decoders begin with some changes to their code."""
    file = tmp_path / "program.py"
    imports = "import os, resource, signal, sys, time\nfrom core.pictures import decoder\n"
    file.write_text(f"{imports}{changes}\ndecoder.main()\n")
    monkeypatch.setattr(decoding, "DECODER", file)


def run_instead_of_decoding(program: str, monkeypatch, tmp_path) -> None:
    run_as_decoder(f"def answer(data):\n    {program}\n    return b''\ndecoder.answer = answer", monkeypatch, tmp_path)


@pytest.mark.parametrize("program", WILD_PROGRAMS.values(), ids=WILD_PROGRAMS.keys())
def test_decoder_gone_wild_is_a_refusal(program, monkeypatch, tmp_path):
    run_instead_of_decoding(program, monkeypatch, tmp_path)
    assert refusal_of(b"anything", by=make_master) == Refusal.BROKEN


@pytest.mark.parametrize("program", SLOW_PROGRAMS.values(), ids=SLOW_PROGRAMS.keys())
def test_decoder_stopped_by_the_clock_says_nothing_about_the_file(program, monkeypatch, tmp_path):
    run_instead_of_decoding(program, monkeypatch, tmp_path)
    monkeypatch.setattr(decoding, "SECONDS", 1)
    start = time.monotonic()
    with pytest.raises(TooBusy):
        make_master(b"anything")
    assert time.monotonic() - start < 20  # the programs take 60 or more


def test_program_that_answers_well_is_believed(monkeypatch, tmp_path):
    """Or else the tests above would show nothing."""
    run_instead_of_decoding(GOOD_ANSWER, monkeypatch, tmp_path)
    assert make_master(b"anything").jpeg == GOOD_JPEG


def test_decoder_sees_no_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("SECRET_KEY", "secret")
    run_instead_of_decoding(f"assert 'SECRET_KEY' not in os.environ; {GOOD_ANSWER}", monkeypatch, tmp_path)
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
    command = [sys.executable, "-I", "-B", "-c", LIMITS, decoding.ROOT, *expected]
    output = subprocess.run(command, check=True, capture_output=True).stdout
    assert json.loads(output) == expected | {"memory": "refused"}


def test_decoder_knows_nothing_of_the_site():
    code = "import sys; sys.path.insert(0, sys.argv[1]); import core.pictures.decoder; print(*sys.modules)"
    command = [sys.executable, "-I", "-B", "-c", code, decoding.ROOT]
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
