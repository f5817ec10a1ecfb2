"""The measurements: each takes targets and gives back figures, no text.

Targets take turns within a round, and every round begins with another one, so that a machine that
slows down slows down all of them. A ratio is the median of the ratios within the rounds.
"""

import contextlib
import os
import re
import time
from dataclasses import dataclass
from statistics import median

import crowd
from processes import BenchError, Usage, busy_seconds, own_seconds, run, say
from stage import PASSWORD, SMALL_ROWS, USER

WARM_UP_SECONDS = 1
SLOW_BYTES_PER_SECOND = 20_000_000
# Small, so that a slow reader is felt by the sender and not hidden in the kernel.
SLOW_RECEIVE_BUFFER = 128 << 10
SLOW_CHUNK = 32 << 10
SETTLE_SECONDS = 2
LARGE_QUERY = "SELECT * FROM big"
SCATTERED_REPEATS = 50
SCATTERED_SECONDS = 1
SCATTERED = [
    "SELECT id, k FROM spread ORDER BY k LIMIT 10",
    "SELECT id, c FROM spread ORDER BY c DESC LIMIT 10",
    "SELECT id, k FROM spread ORDER BY k LIMIT 10000, 10",
    "SELECT k % 100, COUNT(*), SUM(price), AVG(price) FROM spread GROUP BY k % 100 ORDER BY 1",
    "SELECT COUNT(*), MIN(c), MAX(price) FROM spread",
    "SELECT DISTINCT price FROM spread",
    "SELECT * FROM spread",
    "SELECT * FROM spread ORDER BY id",
    "SELECT id, c FROM spread ORDER BY c",
]


@dataclass(frozen=True)
class PointSelect:
    """One sysbench run. `usage` is the process between client and server, None if there is none;
    `foreign` is the share of the cores' time that went to programs outside the bench."""
    seconds: float
    queries: int
    p99_ms: float
    server: Usage
    usage: Usage
    resident: int
    foreign: float

    @property
    def rate(self):
        return self.queries / self.seconds

    def micros(self, seconds):
        return seconds / self.queries * 1e6


@dataclass(frozen=True)
class Large:
    """Some readings of the large result, one after the other."""
    seconds: float
    size: int
    usage: Usage
    peak: int

    @property
    def rate(self):
        return self.size / self.seconds


@dataclass(frozen=True)
class Scattered:
    """A statement on each shard alone and on all of them, in seconds; CPU seconds, peak bytes of
    memory and the answer's size are those of the proxy."""
    alone: list
    together: float
    cpu: float
    peak: int
    size: int


@dataclass(frozen=True)
class Idle:
    """Bytes of anonymous memory for each idle connection."""
    logged_in: float
    after_a_statement: float


@dataclass(frozen=True)
class Spread:
    """What each of many clients that were served at the same time met: its statements, and the
    longest time of one in seconds."""
    seconds: float
    answers: list
    longest: list
    server_connections: int


@dataclass(frozen=True)
class Pools:
    """Many idle and some active clients over few connections: memory for each idle one,
    {target name: [PointSelect]} and {target name: Spread} of the active ones."""
    idle: Idle
    rates: dict
    spreads: dict


def rotated(targets, rounds):
    """The targets, in each of the rounds beginning with another one."""
    for number in range(rounds):
        shift = number % len(targets)
        yield number, targets[shift:] + targets[:shift]


def middle(samples, figure):
    """The median of a figure over samples."""
    return median(figure(sample) for sample in samples)


def middle_ratio(samples, others, figure):
    """The median of the ratios of samples and others of the same rounds."""
    return median(figure(a) / figure(b) for a, b in zip(samples, others) if figure(b))


def point_selects(stage, targets, threads, rounds, seconds, protocol):
    """{target name: [PointSelect of each round]} with that many client threads."""
    results = {target.name: [] for target in targets}
    for target in targets:
        _sysbench(stage, target, threads, WARM_UP_SECONDS, protocol)
    for number, order in rotated(targets, rounds):
        for target in order:
            sample = _point_select(stage, target, threads, seconds, protocol)
            say(f"{protocol} protocol, threads: {threads}, round {number + 1}: {target.name} {sample.rate:,.0f} queries/s")
            results[target.name].append(sample)
    return results


def _point_select(stage, target, threads, seconds, protocol):
    server, process = stage.server.usage(), target.process and target.process.usage()
    others, began = busy_seconds() - own_seconds(), time.monotonic()
    output = _sysbench(stage, target, threads, seconds, protocol)
    others, wall = busy_seconds() - own_seconds() - others, time.monotonic() - began
    server = stage.server.usage() - server
    process = target.process and target.process.usage() - process
    ours = server.cpu + (process.cpu if process else 0)
    return PointSelect(
        seconds=float(_number(r"total time:\s+([\d.]+)s", output)),
        queries=int(_number(r"total:\s+(\d+)", output)),
        p99_ms=float(_number(r"99th percentile:\s+([\d.]+)", output)),
        server=server, usage=process,
        resident=target.process.resident() if target.process else 0,
        foreign=max(0.0, (others - ours) / (wall * len(os.sched_getaffinity(0)))))


def _sysbench(stage, target, threads, seconds, protocol):
    return run([
        stage.programs.sysbench, "oltp_point_select", "--db-driver=mysql",
        "--mysql-host=127.0.0.1", f"--mysql-port={target.port}", f"--mysql-user={USER}",
        f"--mysql-password={PASSWORD}", f"--mysql-db={target.small_schema}",
        "--tables=1", f"--table-size={SMALL_ROWS}", "--rand-type=uniform", "--skip-trx=on",
        f"--db-ps-mode={'disable' if protocol == 'text' else 'auto'}",
        f"--threads={threads}", f"--time={seconds}", "--percentile=99", "run"])


def _number(pattern, output):
    found = re.search(pattern, output)
    if not found:
        raise BenchError(f"sysbench did not say {pattern!r}:\n{output}")
    return found.group(1)


def large_results(targets, rounds, repeats):
    """{target name: [Large of each round]}, read as fast as the client can."""
    results = {target.name: [] for target in targets}
    sizes = {target.name: _answer_size(target) for target in targets}
    for number, order in rotated(targets, rounds):
        for target in order:
            sample = _large(target, sizes[target.name], repeats)
            say(f"large result, round {number + 1}: {target.name} {sample.rate / 1e6:,.0f} MB/s")
            results[target.name].append(sample)
    return results


def slow_results(targets):
    """{target name: Large}, read once at 20 MB/s by a client with a small receive buffer."""
    results = {}
    for target in targets:
        say(f"large result, slow client: {target.name}")
        results[target.name] = _large(
            target, _answer_size(target), repeats=1, receive_buffer=SLOW_RECEIVE_BUFFER,
            chunk=SLOW_CHUNK, paced=True)
    return results


def _answer_size(target):
    """The length of the whole answer; knowing it, a client can throw it away unread."""
    with target.session(target.large_schema) as session:
        return session.query(LARGE_QUERY)


def _large(target, size, repeats, receive_buffer=None, paced=False, **options):
    if target.process:
        target.process.reset_peak()
    before = target.process and target.process.usage()
    with target.session(target.large_schema, receive_buffer=receive_buffer) as session:
        began = time.monotonic()
        for _ in range(repeats):
            session.drain(LARGE_QUERY, size, pace=_pace() if paced else None, **options)
            session.ping()
        seconds = time.monotonic() - began
    return Large(seconds, size * repeats, target.process and target.process.usage() - before,
                 target.process.peak() if target.process else 0)


def scattered(statements, shards, target, rounds):
    """{statement: [Scattered of each round]}: on each shard alone, then on all through the proxy.
    `shards`: a target for each, whose small schema is the shard's."""
    results = {}
    for statement in statements:
        sizes = [_size(shard, statement) for shard in shards]
        whole = _size(target, statement)
        once = _timed(target, statement, whole, 1)
        repeats = max(1, min(SCATTERED_REPEATS, int(SCATTERED_SECONDS / once)))
        results[statement] = []
        for number in range(rounds):
            alone = [_timed(shard, statement, size, repeats) for shard, size in zip(shards, sizes)]
            target.process.reset_peak()
            before = target.process.usage()
            together = _timed(target, statement, whole, repeats)
            usage = target.process.usage() - before
            sample = Scattered(alone, together, usage.cpu / repeats, target.process.peak(), whole)
            say(f"{statement}, round {number + 1}: {together * 1e3:,.2f} ms, shards {sum(alone) * 1e3:,.2f} ms")
            results[statement].append(sample)
    return results


def _size(target, statement):
    with target.session(target.small_schema) as session:
        return session.query(statement)


def _timed(target, statement, size, repeats):
    """Seconds for one answer."""
    seconds = 0
    with target.session(target.small_schema) as session:
        for _ in range(repeats):
            began = time.monotonic()
            session.drain(statement, size)
            seconds += time.monotonic() - began
            session.ping()
    return seconds / repeats


def _pace():
    began = time.monotonic()

    def wait(received):
        ahead = began + received / SLOW_BYTES_PER_SECOND - time.monotonic()
        if ahead > 0:
            time.sleep(ahead)

    return wait


def pools(stage, stack, options):
    """Clients of the proxy, most of them idle, over few connections; beside them as many as are
    active, connected directly."""
    proxy = stage.start("shardwell", stack, options.pool)
    sessions = stack.enter_context(contextlib.ExitStack())
    memory = idle(proxy, options.pool_idle, keep=sessions)
    targets = [stage.direct(), proxy]
    rates = point_selects(stage, targets, options.pool_active, options.rounds, options.seconds, "text")
    spreads = {target.name: _spread(stage, target, options) for target in targets}
    return Pools(memory, rates, spreads)


def _spread(stage, target, options):
    say(f"{options.pool_active:,} clients in turn: {target.name}")
    with contextlib.ExitStack() as stack:
        sessions = [stack.enter_context(target.session(target.small_schema))
                    for _ in range(options.pool_active)]
        clients = list(crowd.clients(sessions))
        began = time.monotonic()
        crowd.run(clients, options.seconds)
        seconds = time.monotonic() - began
        server_connections = stage.connections_of(USER) if target.process else len(sessions)
    return Spread(seconds, sorted(client.answers for client in clients),
                  sorted(client.longest for client in clients), server_connections)


def idle(target, connections, keep=None):
    """What idle clients cost a process that has just been started; they stay until `keep` ends."""
    say(f"{connections:,} idle connections: {target.name}")
    time.sleep(SETTLE_SECONDS)
    before = target.process.anonymous()
    with contextlib.ExitStack() as stack:
        sessions = [stack.enter_context(target.session(target.small_schema)) for _ in range(connections)]
        time.sleep(SETTLE_SECONDS)
        logged_in = target.process.anonymous()
        for number, session in enumerate(sessions):
            session.query(f"SELECT c FROM sbtest1 WHERE id={number % SMALL_ROWS + 1}")
        time.sleep(SETTLE_SECONDS)
        used = target.process.anonymous()
        if keep:
            keep.push(stack.pop_all())
    return Idle((logged_in - before) / connections, (used - before) / connections)
