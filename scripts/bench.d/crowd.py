"""Many clients on one thread: each sends its statement again as soon as it is answered.

In: sessions. Out: what each of them met. Sysbench tells only what all of its threads did together.
"""

import selectors
import time
from dataclasses import dataclass

from stage import SMALL_ROWS


@dataclass
class Client:
    """A session, its statement and its answers so far; the time is in seconds."""
    session: object
    statement: str
    size: int
    answers: int = 0
    longest: float = 0.0
    received: int = 0
    sent: float = 0.0

    def send(self, now):
        self.received, self.sent = 0, now
        self.session.send(self.statement)

    def receive(self):
        """Whether the answer is complete."""
        self.received += self.session.receive(self.size - self.received)
        return self.received == self.size


def clients(sessions):
    """One for each session, after a first answer, which tells the length of all others."""
    for number, session in enumerate(sessions):
        statement = f"SELECT c FROM sbtest1 WHERE id={number % SMALL_ROWS + 1}"
        yield Client(session, statement, session.query(statement))


def run(crowd, seconds):
    """Lets all clients run for so long, and waits for what is under way then."""
    with selectors.DefaultSelector() as ready:
        end = time.monotonic() + seconds
        for client in crowd:
            ready.register(client.session, selectors.EVENT_READ, client)
            client.send(time.monotonic())
        under_way = len(crowd)
        while under_way:
            for key, _ in ready.select():
                client = key.data
                if not client.receive():
                    continue
                now = time.monotonic()
                client.answers += 1
                client.longest = max(client.longest, now - client.sent)
                if now < end:
                    client.send(now)
                else:
                    under_way -= 1
