"""A minimal MySQL client on a raw socket.

In: an Endpoint. Out: a logged-in Session that can run statements, drain a large result without
looking at its rows, or simply stay idle. No TLS; caching_sha2_password is done in its fast form,
which needs a server that has the account in its cache (or knows the password, as a proxy does).
"""

import hashlib
import socket
import struct
from dataclasses import dataclass

LONG_PASSWORD = 1 << 0
CONNECT_WITH_DB = 1 << 3
PROTOCOL_41 = 1 << 9
TRANSACTIONS = 1 << 13
SECURE_CONNECTION = 1 << 15
PLUGIN_AUTH = 1 << 19
DEPRECATE_EOF = 1 << 24
CAPABILITIES = (LONG_PASSWORD | CONNECT_WITH_DB | PROTOCOL_41 | TRANSACTIONS
                | SECURE_CONNECTION | PLUGIN_AUTH | DEPRECATE_EOF)

UTF8MB4_GENERAL_CI = 45
COM_QUERY = b"\x03"
COM_PING = b"\x0e"
OK, AUTH_MORE, EOF, ERR = 0x00, 0x01, 0xFE, 0xFF
FAST_AUTH_SUCCESS, FULL_AUTH_NEEDED = 3, 4
TIMEOUT_SECONDS = 60


class MysqlError(Exception):
    """The peer refused something, or does not speak the protocol as expected."""


@dataclass(frozen=True)
class Endpoint:
    """Where and as whom to log in."""
    port: int
    user: str
    password: str
    schema: str


class Session:
    """One logged-in connection."""

    def __init__(self, endpoint, receive_buffer=None):
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._sequence = 0
        try:
            if receive_buffer:
                # Before connecting: the window is negotiated then.
                self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
            self._socket.settimeout(TIMEOUT_SECONDS)
            self._socket.connect(("127.0.0.1", endpoint.port))
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._login(endpoint)
        except BaseException:
            self.close()
            raise

    def close(self):
        self._socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def query(self, statement):
        """Runs a statement and forgets its rows; returns how many bytes the answer had."""
        self._command(COM_QUERY + statement.encode())
        return self._read_answer()

    def drain(self, statement, length, chunk=256 << 10, pace=None):
        """Runs a statement whose answer has `length` bytes, as query() told before, and throws the
        bytes away. `pace(received)` is called after each read and may sleep. ping() then proves
        that this was all."""
        self._command(COM_QUERY + statement.encode())
        buffer = memoryview(bytearray(chunk))
        received = 0
        while received < length:
            count = self._socket.recv_into(buffer, min(chunk, length - received))
            if count == 0:
                raise MysqlError(f"connection closed after {received} of {length} bytes")
            received += count
            if pace:
                pace(received)

    def fileno(self):
        return self._socket.fileno()

    def send(self, statement):
        """Sends a statement whose answer is for receive()."""
        self._command(COM_QUERY + statement.encode())

    def receive(self, most):
        """Throws away what has come of an answer, so many bytes at most; returns how many."""
        piece = self._socket.recv(most)
        if not piece:
            raise MysqlError("connection closed in the middle of an answer")
        if piece[3:5] == bytes([1, ERR]):
            _raise_if_error(piece[4:])
        return len(piece)

    def ping(self):
        """Proves that the connection is between two answers: a byte too many or too few shows."""
        self._command(COM_PING)
        packet = self._packet()
        if packet[:1] != b"\x00" or self._sequence != 2:
            raise MysqlError("the answer had another length than the same answer before")

    def _command(self, payload):
        self._sequence = 0
        self._send(payload)

    def _send(self, payload):
        header = struct.pack("<I", len(payload))[:3] + bytes([self._sequence])
        self._socket.sendall(header + payload)
        self._sequence = (self._sequence + 1) & 0xFF

    def _packet(self):
        header = self._exactly(4)
        self._sequence = (header[3] + 1) & 0xFF
        return self._exactly(int.from_bytes(header[:3], "little"))

    def _exactly(self, count):
        data = bytearray()
        while len(data) < count:
            piece = self._socket.recv(count - len(data))
            if not piece:
                raise MysqlError("connection closed by the server")
            data += piece
        return bytes(data)

    def _read_answer(self):
        first = self._packet()
        _raise_if_error(first)
        total = 4 + len(first)
        if first[0] == OK:
            return total
        # Column definitions, then rows; without EOF packets only the last one begins with 0xFE
        # and is short. Reads are buffered: a large result has hundreds of thousands of packets.
        columns = first[0]
        reader = self._socket.makefile("rb", buffering=1 << 20)
        try:
            while True:
                header = reader.read(4)
                payload = reader.read(int.from_bytes(header[:3], "little"))
                total += 4 + len(payload)
                _raise_if_error(payload)
                if columns:
                    columns -= 1
                elif payload[0] == EOF and len(payload) < 0xFFFFFF:
                    return total
        except IndexError:
            raise MysqlError("connection closed in the middle of a result") from None
        finally:
            reader.detach()

    def _login(self, endpoint):
        greeting = self._packet()
        _raise_if_error(greeting)
        plugin, nonce = _parse_greeting(greeting)
        self._send(_login_request(endpoint, plugin, nonce))
        while True:
            packet = self._packet()
            _raise_if_error(packet)
            if packet[0] == OK:
                return
            if packet[0] == EOF:
                plugin, _, data = packet[1:].partition(b"\x00")
                self._send(_proof(plugin.decode(), endpoint.password, data[:20]))
            elif packet[0] == AUTH_MORE and packet[1] == FULL_AUTH_NEEDED:
                raise MysqlError("the server does not have the account in its cache: "
                                 "log in over TLS or the Unix socket once")
            elif packet[0] != AUTH_MORE or packet[1] != FAST_AUTH_SUCCESS:
                raise MysqlError(f"unexpected packet during login: {packet[:20]!r}")


def _parse_greeting(packet):
    if packet[0] != 10:
        raise MysqlError(f"handshake version {packet[0]} is not known")
    at = packet.index(b"\x00", 1) + 1 + 4
    nonce = packet[at:at + 8]
    at += 8 + 1 + 2 + 1 + 2 + 2
    length = packet[at]
    at += 1 + 10
    rest = max(13, length - 8)
    nonce += packet[at:at + rest]
    plugin = packet[at + rest:].partition(b"\x00")[0].decode()
    return plugin, nonce[:20]


def _login_request(endpoint, plugin, nonce):
    proof = _proof(plugin, endpoint.password, nonce)
    return (struct.pack("<IIB23x", CAPABILITIES, 1 << 24, UTF8MB4_GENERAL_CI)
            + endpoint.user.encode() + b"\x00"
            + bytes([len(proof)]) + proof
            + endpoint.schema.encode() + b"\x00"
            + plugin.encode() + b"\x00")


def _proof(plugin, password, nonce):
    if plugin == "caching_sha2_password":
        first = hashlib.sha256(password.encode()).digest()
        mask = hashlib.sha256(hashlib.sha256(first).digest() + nonce).digest()
    elif plugin == "mysql_native_password":
        first = hashlib.sha1(password.encode()).digest()
        mask = hashlib.sha1(nonce + hashlib.sha1(first).digest()).digest()
    else:
        raise MysqlError(f"authentication plugin {plugin} is not known")
    return bytes(a ^ b for a, b in zip(first, mask))


def _raise_if_error(payload):
    if payload[0] == ERR:
        code = int.from_bytes(payload[1:3], "little")
        raise MysqlError(f"{code}: {payload[9:].decode(errors='replace')}")
