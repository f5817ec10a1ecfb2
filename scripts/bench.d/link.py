"""A network link on one machine: a relay that hands bytes on late and no faster than the link would.

In: a port to listen on, the port behind it, the link's round trip in seconds and its bytes a second.
All connections share the link, and each direction has the whole bandwidth. As in TCP, a sender may be
one window ahead of the receiver. Runs until it is killed; `Link.parse` reads what --link is given.
"""

import contextlib
import queue
import re
import socket
import sys
import threading
import time
from dataclasses import dataclass

# What is handed on at once: at 20 MB/s less than a millisecond's worth.
PIECE = 16 << 10
# Beside what is on its way, so many bytes may wait: what receive buffers hold.
WINDOW = 256 << 10
UNITS = {"kB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000}


@dataclass(frozen=True)
class Link:
    """Seconds of a round trip, and bytes a second in each direction."""
    round_trip: float
    bandwidth: float
    text: str

    @classmethod
    def parse(cls, text):
        """`2ms,20MB/s`. Raises ValueError."""
        found = re.fullmatch(r"([\d.]+)ms,([\d.]+)([kMG]B)/s", text)
        if not found or not float(found[2]):
            raise ValueError(f"{text!r} is no link: expected a round trip and a bandwidth, as in 2ms,20MB/s")
        return cls(float(found[1]) / 1e3, float(found[2]) * UNITS[found[3]], text)


class Direction:
    """One direction of the link: when the bytes that enter it come out."""

    def __init__(self, link):
        self._link = link
        self._free = 0.0
        self._lock = threading.Lock()

    def due(self, size):
        with self._lock:
            self._free = max(self._free, time.monotonic()) + size / self._link.bandwidth
            return self._free + self._link.round_trip / 2


def serve(port, behind, link):
    up, down = Direction(link), Direction(link)
    listener = socket.create_server(("127.0.0.1", port))
    while True:
        client, _ = listener.accept()
        server = socket.create_connection(("127.0.0.1", behind))
        for source, sink, direction in ((client, server, up), (server, client, down)):
            source.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            relay(source, sink, direction, link)


def relay(source, sink, direction, link):
    """Begins to hand on what one connection sends in one direction."""
    ahead = link.bandwidth * link.round_trip + WINDOW
    pieces = queue.Queue(maxsize=int(ahead / PIECE) + 1)

    def read():
        piece = b"?"
        while piece:
            try:
                piece = source.recv(PIECE)
            except OSError:
                piece = b""
            pieces.put((direction.due(len(piece)), piece))

    def write():
        while True:
            due, piece = pieces.get()
            late = due - time.monotonic()
            if late > 0:
                time.sleep(late)
            if not piece:
                break
            with contextlib.suppress(OSError):
                sink.sendall(piece)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    for work in (read, write):
        threading.Thread(target=work, daemon=True).start()


if __name__ == "__main__":
    serve(int(sys.argv[1]), int(sys.argv[2]), Link.parse(sys.argv[3]))
