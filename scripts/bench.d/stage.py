"""What is measured: one MySQL server with its data, and three ways to it.

In: the paths of the programs. Out: a Stage on which each Target (direct, haproxy, shardwell) shows
the same schema `sbtest` to clients. Everything listens on loopback and lives in one temporary
folder.
"""

import os
import random
import re
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from mysql_login import Endpoint, MysqlError, Session
from processes import BenchError, Process, run, say

SCRIPTS = Path(__file__).resolve().parent.parent
SHARDS = 4
USER = PASSWORD = "bench"
SCHEMA = "sbtest"
SMALL_ROWS = 10_000
START_SECONDS = 90
MAX_SOCKET_PATH = 107
# Idle connections through HAProxy are connections to the server too.
SPARE_CONNECTIONS = 200
# The proxy's default.
POOL = 64

# As sysbench makes it, without AUTO_INCREMENT: each shard would count for itself.
SMALL_TABLE = """CREATE TABLE {database}.sbtest1 (
    id INT NOT NULL PRIMARY KEY, k INT NOT NULL DEFAULT 0, c CHAR(120) NOT NULL DEFAULT '',
    pad CHAR(60) NOT NULL DEFAULT '', KEY k_1 (k))"""

LARGE_TABLE = """CREATE TABLE {database}.big (id INT NOT NULL PRIMARY KEY, k INT NOT NULL, c VARCHAR(100) NOT NULL);
USE {database};
SET SESSION cte_max_recursion_depth = {rows};
INSERT INTO {database}.big WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})
    SELECT i, i * 7919 % 1000003, LEFT(SHA2(i, 512), 84) FROM n"""

# Which shard a row is on does not matter to statements on all of them.
SPREAD_TABLE = """CREATE TABLE {database}.spread (
    id INT NOT NULL PRIMARY KEY, k INT NOT NULL, c VARCHAR(100) NOT NULL, price DECIMAL(10,2) NOT NULL,
    KEY by_k (k), KEY by_c (c));
USE {database};
SET SESSION cte_max_recursion_depth = {rows};
INSERT INTO {database}.spread WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})
    SELECT i * {shards} + {shard}, i * 7919 % 1000003, LEFT(SHA2(i * {shards} + {shard}, 512), 84), i % 9973 / 7
    FROM n"""

HAPROXY_CONFIG = """global
    nbthread {workers}
    maxconn {connections}
defaults
    mode tcp
    timeout connect 5s
    timeout client 1h
    timeout server 1h
    option clitcpka
    option srvtcpka
frontend mysql
    bind 127.0.0.1:{port}
    default_backend mysql
backend mysql
    server mysql 127.0.0.1:{server_port}
"""

SHARDWELL_CONFIG = """[server]
listen = "127.0.0.1:{port}"
max_connections = {connections}
worker_threads = {workers}

[[users]]
name = "{user}"
password = "{password}"
schemas = ["*"]

[backend]
user = "{user}"
password = "{password}"
tls = "off"

[backend.pool]
max_connections = {pool}

{sets}
[schemas.sbtest]
shards = [{shards}]

[schemas.sbtest.tables.sbtest1]
key = "id"
algorithm = "hash_mod"

[schemas.sbtest.tables.spread]
key = "id"
algorithm = "hash_mod"
"""

REPLICA_SET = """[replica_sets.{name}]
primary = "127.0.0.1:{port}"
"""


@dataclass(frozen=True)
class Programs:
    """Paths of executables; shardwell is None if it is not measured."""
    mysqld: str
    mysql: str
    haproxy: str
    sysbench: str
    shardwell: str

    @classmethod
    def obtain(cls, shardwell):
        return cls(obtain("get-server", "mysql"), obtain("get-server", "mysql", "client"),
                   obtain("get-tool", "haproxy"), obtain("get-tool", "sysbench"), shardwell)


@dataclass(frozen=True)
class Target:
    """A way to the data. `process` is what stands between, None for the direct one. The schemas
    are where the small and the large table are found."""
    name: str
    port: int
    process: Process = None
    small_schema: str = SCHEMA
    large_schema: str = SCHEMA

    def session(self, schema, **options):
        return Session(Endpoint(self.port, USER, PASSWORD, schema), **options)


@dataclass
class Stage:
    """The running MySQL server and how to put something in front of it."""
    programs: Programs
    folder: Path
    connections: int
    large_rows: int
    workers: int
    port: int = 0
    socket: Path = None
    server: Process = None
    _serial: int = field(default=0, repr=False)

    def start_server(self, stack):
        """Starts MySQL, makes the account, the schemas and all rows but the sharded ones."""
        data, self.socket = self.folder / "data", self.folder / "socket"
        if len(str(self.socket)) > MAX_SOCKET_PATH:
            raise BenchError(f"{self.socket} is too long for a Unix socket: set TMPDIR to a shorter path")
        base = [self.programs.mysqld, "--no-defaults", *root_flag(), f"--datadir={data}",
                "--skip-log-bin", "--performance-schema=OFF", "--innodb-doublewrite=OFF",
                "--innodb-buffer-pool-size=256M", "--innodb-flush-method=nosync"]
        say("Initialising MySQL ...")
        run([*base, "--initialize-insecure"])
        self.port = free_port()
        self.server = stack.enter_context(Process("mysqld", [
            *base, f"--socket={self.socket}", f"--pid-file={self.folder / 'pid'}",
            f"--port={self.port}", "--bind-address=127.0.0.1", "--skip-name-resolve",
            "--mysqlx=OFF", "--character-set-server=utf8mb4", "--secure-file-priv=",
            f"--max-connections={self.connections + SPARE_CONNECTIONS}",
            # The end of a thousand connections must not cost a thousand thread starts later.
            "--thread-cache-size=128",
            "--innodb-flush-log-at-trx-commit=2", "--innodb-redo-log-capacity=256M",
        ], self.folder / "mysqld.log"))
        self._wait_for_server()
        say(f"Loading {SMALL_ROWS:,} and {self.large_rows:,} rows ...")
        self._load()

    def sql(self, text, user="root", password=None):
        """Runs statements over the Unix socket and returns the rows as text."""
        secret = [f"--password={password}"] if password else []
        return run([self.programs.mysql, "--no-defaults", "--batch", "--skip-column-names",
                    f"--socket={self.socket}", f"--user={user}", *secret], input=text)

    def direct(self):
        """The server itself. The large table is the very one that the proxy shows: same pages."""
        return Target("direct", self.port, large_schema="sb_0")

    def direct_shards(self):
        """The server itself, a target for each shard."""
        return [Target(f"shard {shard}", self.port, small_schema=f"sb_{shard}") for shard in range(SHARDS)]

    def links(self, link, stack):
        """A target for each shard: the server behind a link of that shard's own."""
        targets = []
        for shard in range(SHARDS):
            port, name = free_port(), f"link-{shard}"
            command = [sys.executable, SCRIPTS / "bench.d" / "link.py", port, self.port, link.text]
            process = stack.enter_context(Process(name, command, self.folder / f"{name}.log"))
            targets.append(Target(name, port, process, small_schema=f"sb_{shard}"))
            wait_for_login(targets[-1])
        return targets

    def start(self, name, stack, pool=POOL, links=()):
        """Starts a fresh process that stands before the server: "haproxy" or "shardwell", which
        may have `pool` connections to the server, or to each shard behind its link."""
        if name == "direct":
            return self.direct()
        port = free_port()
        self._serial += 1
        stem = self.folder / f"{name}-{self._serial}"
        if name == "haproxy":
            template, extension, large = HAPROXY_CONFIG, ".cfg", "sb_0"
        else:
            template, extension, large = SHARDWELL_CONFIG, ".toml", SCHEMA
        config = stem.with_suffix(extension)
        ports = [link.port for link in links] or [self.port]
        config.write_text(template.format(
            port=port, server_port=self.port, user=USER, password=PASSWORD, workers=self.workers, pool=pool,
            connections=self.connections + SPARE_CONNECTIONS,
            sets="\n".join(REPLICA_SET.format(name=f"sb{at}", port=port) for at, port in enumerate(ports)),
            shards=", ".join(f'"sb{shard % len(ports)}/sb_{shard}"' for shard in range(SHARDS))))
        command = ([self.programs.haproxy, "-db", "-f", config] if name == "haproxy"
                   else [self.programs.shardwell, "serve", "--config", config])
        process = stack.enter_context(Process(name, command, stem.with_suffix(".log")))
        target = Target(name, port, process, large_schema=large)
        wait_for_login(target)
        return target

    def connections_of(self, user):
        """How many connections an account has to the server."""
        return int(self.sql(f"SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE USER = '{user}'"))

    def shard_rows(self):
        """How many of the small table's rows each shard holds."""
        counts = "; ".join(f"SELECT COUNT(*) FROM sb_{shard}.sbtest1" for shard in range(SHARDS))
        return [int(line) for line in self.sql(counts).split()]

    def load_sharded(self, target):
        """Inserts the small table's rows through the proxy, which decides where they belong."""
        say(f"Loading {SMALL_ROWS:,} rows through {target.name} ...")
        with target.session(SCHEMA) as session:
            for row in small_rows():
                session.query(f"INSERT INTO sbtest1 (id, k, c, pad) VALUES {row}")
        spread = self.shard_rows()
        if sum(spread) != SMALL_ROWS or 0 in spread:
            raise BenchError(f"the shards hold {spread} rows instead of {SMALL_ROWS} over all")
        say(f"Rows per shard: {', '.join(map(str, spread))}")

    def load_spread(self, rows):
        """Makes the table that statements on all shards read, with so many rows on each."""
        say(f"Loading {rows:,} rows on each of {SHARDS} shards ...")
        for shard in range(SHARDS):
            self.sql(SPREAD_TABLE.format(database=f"sb_{shard}", shard=shard, shards=SHARDS, rows=rows))

    def _wait_for_server(self):
        deadline = time.monotonic() + START_SECONDS
        while True:
            self.server.require_alive()
            try:
                self.sql("SELECT 1")
                return
            except BenchError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    def _load(self):
        databases = [SCHEMA, *(f"sb_{shard}" for shard in range(SHARDS))]
        statements = [f"CREATE USER {USER}@'%' IDENTIFIED WITH caching_sha2_password BY '{PASSWORD}'",
                      f"GRANT ALL ON *.* TO {USER}@'%'"]
        for database in databases:
            statements += [f"CREATE DATABASE {database}", SMALL_TABLE.format(database=database)]
        statements.append(LARGE_TABLE.format(database="sb_0", rows=self.large_rows))
        statements.append(f"INSERT INTO {SCHEMA}.sbtest1 VALUES {', '.join(small_rows())}")
        statements.append(f"ANALYZE TABLE sb_0.big, {SCHEMA}.sbtest1")
        self.sql(";\n".join(statements))
        # A login over a secure channel puts the account into the server's cache: from now on the
        # short form of caching_sha2_password does, which needs neither TLS nor RSA.
        self.sql("SELECT 1", user=USER, password=PASSWORD)


def small_rows():
    """The small table's rows as SQL, in the shape of sysbench's, the same in every run."""
    source = random.Random(1)

    def groups(count):
        return "-".join(f"{source.randrange(10 ** 11):011}" for _ in range(count))

    for number in range(1, SMALL_ROWS + 1):
        yield f"({number}, {source.randint(1, SMALL_ROWS)}, '{groups(10)}', '{groups(5)}')"


def wait_for_login(target):
    deadline = time.monotonic() + START_SECONDS
    while True:
        target.process.require_alive()
        try:
            with target.session(target.small_schema) as session:
                session.query("SELECT 1")
            return
        except (OSError, MysqlError) as error:
            if time.monotonic() > deadline:
                raise BenchError(f"{target.name} does not let anyone in ({error}); "
                                 f"the end of its log:\n{target.process.tail()}") from error
            time.sleep(0.1)


def version(program, *arguments):
    """The version number that a program tells."""
    found = re.search(r"\d+\.\d+(\.\d+)?", run([program, *arguments]))
    return found.group() if found else "?"


def free_port():
    """Below the ports that the system gives to connections' near ends: none of those takes it before its use."""
    while True:
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", random.randrange(15_000, 32_768)))
            except OSError:
                continue
            return probe.getsockname()[1]


def root_flag():
    # A server refuses to run as root unless told that this is meant.
    return ["--user=root"] if os.geteuid() == 0 else []


def obtain(script, *arguments):
    """The path that a get-* script prints; its progress and its errors go to the terminal."""
    done = subprocess.run([SCRIPTS / script, *arguments], stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise BenchError(f"scripts/{script} {' '.join(arguments)} failed")
    return done.stdout.strip()
