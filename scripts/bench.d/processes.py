"""Child processes and what the kernel counts for them.

In: a command line. Out: a Process that ends with this one, whatever happens, and whose CPU time,
context switches and memory can be read. Linux only (/proc).
"""

import ctypes
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

PR_SET_PDEATHSIG = 1
GRACE_SECONDS = 10
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
LIBC = ctypes.CDLL(None)


class BenchError(Exception):
    """Something that the person at the terminal must know; no traceback helps."""


@dataclass(frozen=True)
class Usage:
    """Seconds of CPU and context switches since the process began, or between two readings."""
    user: float
    system: float
    voluntary: int
    involuntary: int

    @property
    def cpu(self):
        return self.user + self.system

    def __sub__(self, other):
        return Usage(self.user - other.user, self.system - other.system,
                     self.voluntary - other.voluntary, self.involuntary - other.involuntary)


class Process:
    """A server of the bench, with its output in a log file."""

    def __init__(self, name, command, log):
        self.name = name
        self.log = Path(log)
        with open(self.log, "wb") as output:
            self._child = subprocess.Popen(
                [str(part) for part in command], stdin=subprocess.DEVNULL, stdout=output,
                stderr=output, preexec_fn=_die_with_parent,
                # A Ctrl-C at the terminal is for this process only, which then stops its children.
                start_new_session=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        if self._child.poll() is None:
            self._child.terminate()
            try:
                self._child.wait(GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                self._child.kill()
        self._child.wait()

    def require_alive(self):
        code = self._child.poll()
        if code is not None:
            raise BenchError(f"{self.name} ended with {code}; the end of its log:\n{self.tail()}")

    def tail(self, lines=20):
        text = self.log.read_text(errors="replace").splitlines()
        return "\n".join("    " + line for line in text[-lines:])

    def usage(self):
        # The name in parentheses may hold anything, so the fields are counted from its end.
        fields = self._proc("stat").rpartition(")")[2].split()
        user, system = (int(ticks) / TICKS_PER_SECOND for ticks in fields[11:13])
        voluntary = involuntary = 0
        for task in self._tasks():
            switches = _colon_fields(_read(task / "status"))
            voluntary += int(switches.get("voluntary_ctxt_switches", 0))
            involuntary += int(switches.get("nonvoluntary_ctxt_switches", 0))
        return Usage(user, system, voluntary, involuntary)

    def resident(self):
        """Bytes of resident memory."""
        return _bytes(_colon_fields(self._proc("status"))["VmRSS"])

    def peak(self):
        """Bytes of the largest resident memory since reset_peak()."""
        return _bytes(_colon_fields(self._proc("status"))["VmHWM"])

    def reset_peak(self):
        self._path("clear_refs").write_text("5")

    def anonymous(self):
        """Bytes of anonymous memory: what the process itself allocated."""
        return _bytes(_colon_fields(self._proc("smaps_rollup"))["Anonymous"])

    def _path(self, name):
        return Path("/proc") / str(self._child.pid) / name

    def _proc(self, name):
        self.require_alive()
        return self._path(name).read_text()

    def _tasks(self):
        return self._path("task").iterdir()


def busy_seconds():
    """Seconds that the cores of this process have worked for anybody, or were taken by the host."""
    total = 0
    cores = {f"cpu{core}" for core in os.sched_getaffinity(0)}
    for line in Path("/proc/stat").read_text().splitlines():
        name, *fields = line.split()
        if name in cores:
            user, nice, system, _idle, _iowait, _irq, _softirq, steal = map(int, fields[:8])
            total += user + nice + system + steal
    return total / TICKS_PER_SECOND


def own_seconds():
    """Seconds of CPU of this process and of the children that have ended."""
    return sum(os.times()[:4])


def run(command, **options):
    """Runs a program to its end and returns what it wrote; its failure ends the bench."""
    command = [str(part) for part in command]
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              preexec_fn=_die_with_parent, text=True, errors="replace", **options)
    except OSError as error:
        raise BenchError(f"cannot run {command[0]}: {error.strerror}") from error
    if done.returncode != 0:
        lines = "\n".join("    " + line for line in done.stdout.splitlines()[-20:])
        raise BenchError(f"{command[0]} failed with {done.returncode}:\n{lines}")
    return done.stdout


def say(text):
    """Progress, for the terminal; the result alone goes to standard output."""
    print(text, file=sys.stderr, flush=True)


def _die_with_parent():
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _read(path):
    try:
        return path.read_text()
    except OSError:
        # The thread ended between the listing and the reading.
        return ""


def _colon_fields(text):
    return {name: value.strip() for name, _, value in (line.partition(":") for line in text.splitlines())}


def _bytes(value):
    return int(value.split()[0]) << 10
