"""What the Python clients write and expect to read back."""

import datetime
import decimal
import os

HOST = os.environ["MYSQL_HOST"]
PORT = int(os.environ["MYSQL_PORT"])
USER = os.environ["MYSQL_USER"]
PASSWORD = os.environ["MYSQL_PASSWORD"]
SCHEMA = os.environ["MYSQL_DB"]

NAME = "Zoë 'the \\ \"q\" 🎈'\n"
BALANCE = decimal.Decimal("12345678901234.567890")
BORN = datetime.date(1990, 12, 31)
SEEN = datetime.datetime(2026, 1, 2, 3, 4, 5, 678901)
PHOTO = bytes(range(256)) + b"'\\\r\n\x1a"
PROFILE = {"tags": ["é", "🎈"], "depth": {"n": 1}}
VISITS = 18446744073709551615
SCORE = 0.1

# Everyone but the first person.
OTHERS = range(2, 31)


def person(number):
    """The columns of a person, in the order of the table; only number 1 has all."""
    if number == 1:
        return {
            "id": 1, "name": NAME, "balance": BALANCE, "born": BORN, "seen": SEEN, "photo": PHOTO,
            "profile": PROFILE, "visits": VISITS, "active": True, "score": SCORE,
        }
    return {"id": number, "name": f"n{number}", "balance": decimal.Decimal(number)}
