#!/usr/bin/env python3
"""SQLAlchemy: engine with its pool, ORM, Core, reflection. The argument is the driver."""

import datetime
import decimal
import sys

import sqlalchemy
from sqlalchemy import ForeignKey, MetaData, Numeric, String, Table, create_engine, func, inspect, select, text
from sqlalchemy.dialects.mysql import BIGINT, DATETIME, JSON, TINYINT, insert
from sqlalchemy.engine import URL
from sqlalchemy.exc import IntegrityError, ProgrammingError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, joinedload, mapped_column, relationship, selectinload

import story


class Base(DeclarativeBase):
    pass


class Person(Base):
    __tablename__ = "people"
    id: Mapped[int] = mapped_column(BIGINT, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(100))
    balance: Mapped[decimal.Decimal | None] = mapped_column(Numeric(20, 6))
    born: Mapped[datetime.date | None]
    seen: Mapped[datetime.datetime | None] = mapped_column(DATETIME(fsp=6))
    photo: Mapped[bytes | None]
    profile: Mapped[dict | None] = mapped_column(JSON)
    visits: Mapped[int | None] = mapped_column(BIGINT(unsigned=True))
    active: Mapped[bool] = mapped_column(TINYINT(1), default=True)
    score: Mapped[float | None]
    pets: Mapped[list["Pet"]] = relationship(back_populates="owner", cascade="all, delete-orphan", order_by="Pet.id")


class Pet(Base):
    __tablename__ = "pets"
    id: Mapped[int] = mapped_column(BIGINT, primary_key=True, autoincrement=False)
    owner_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    name: Mapped[str] = mapped_column(String(50))
    owner: Mapped[Person] = relationship(back_populates="pets")


class Note(Base):
    __tablename__ = "notes"
    id: Mapped[int] = mapped_column(BIGINT, primary_key=True)
    title: Mapped[str] = mapped_column(String(100))
    body: Mapped[str | None]


class Draft(Base):
    """A table that the client makes itself."""
    __tablename__ = "drafts"
    id: Mapped[int] = mapped_column(BIGINT, primary_key=True)
    word: Mapped[str] = mapped_column(String(20), index=True)


def write(engine):
    with Session(engine) as session:
        session.add(Person(**story.person(1)))
        session.add_all(Person(**story.person(n)) for n in story.OTHERS)
        session.flush()
        session.add_all(Pet(id=owner * 10 + k, owner_id=owner, name=f"pet{k}") for owner in (1, 2, 7) for k in range(owner % 3))
        session.commit()
    with Session(engine) as session:
        first = session.get(Person, 1)
        assert {name: getattr(first, name) for name in story.person(1)} == story.person(1)
        assert first.active == 1 and len(first.pets) == 1


def relations(engine):
    with Session(engine) as session:
        seventh = session.get(Person, 7)
        seventh.name = "renamed"
        seventh.pets.append(Pet(id=79, name="late"))
        session.commit()
        assert session.scalar(select(func.count()).select_from(Pet).where(Pet.owner_id == 7)) == 2
        people = session.scalars(select(Person).options(selectinload(Person.pets)).order_by(Person.id)).all()
        assert [len(p.pets) for p in people[:7]] == [1, 2, 0, 0, 0, 0, 2]
        joined = session.scalars(select(Person).options(joinedload(Person.pets)).where(Person.id.in_([1, 2, 7]))).unique()
        assert sum(len(p.pets) for p in joined) == 5
        counted = select(Person.id, func.count(Pet.id)).outerjoin(Pet).group_by(Person.id).order_by(Person.id).limit(3)
        assert session.execute(counted).all() == [(1, 1), (2, 2), (3, 0)]
        session.delete(session.get(Person, 2))
        session.commit()
        assert session.get(Person, 2) is None
        assert session.scalar(select(func.count()).select_from(Pet)) == 3


def transactions(engine):
    with Session(engine) as session:
        try:
            with session.begin_nested():
                session.execute(sqlalchemy.insert(Person).values(id=1, name="again"))
            raise AssertionError("a duplicate key was accepted")
        except IntegrityError as error:
            assert "1062" in str(error)
        session.rollback()
    upsert = insert(Person).values(id=1, name="upserted")
    with engine.begin() as connection:
        connection.execute(upsert.on_duplicate_key_update(name=upsert.inserted.name))
        assert connection.scalar(select(Person.name).where(Person.id == 1)) == "upserted"
    with engine.connect().execution_options(isolation_level="READ COMMITTED") as connection:
        begun = connection.begin()
        connection.execute(text("UPDATE people SET name = 'x' WHERE id IN (3, 4, 5)"))
        begun.rollback()
        assert connection.scalar(text("SELECT name FROM people WHERE id = 3")) == "n3"
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        assert connection.scalar(text("SELECT 1")) == 1
    with engine.connect() as connection:
        streamed = connection.execution_options(stream_results=True).execute(select(Person.id).order_by(Person.id))
        assert streamed.first()[0] == 1
        try:
            connection.execute(text("SELECT FROM"))
            raise AssertionError("a syntax error was accepted")
        except ProgrammingError as error:
            assert "1064" in str(error)


def single_tables(engine):
    with Session(engine) as session:
        note = Note(title="first", body="é🎈")
        session.add(note)
        session.commit()
        assert note.id > 0
        session.refresh(note)
        assert note.body == "é🎈"
    Draft.__table__.drop(engine, checkfirst=True)
    Draft.__table__.create(engine)
    with Session(engine) as session:
        session.add_all(Draft(word=f"w{n}") for n in range(5))
        session.commit()
        assert session.scalar(select(func.count()).select_from(Draft)) == 5
    Draft.__table__.drop(engine)
    assert not inspect(engine).has_table("drafts")


def reflection(engine):
    seen = inspect(engine)
    assert {"people", "pets", "notes"} == set(seen.get_table_names())
    columns = {column["name"]: column for column in seen.get_columns("people")}
    assert columns["balance"]["type"].precision == 20 and columns["seen"]["type"].fsp == 6
    assert columns["id"]["comment"] == "sharding key"
    assert seen.get_pk_constraint("people")["constrained_columns"] == ["id"]
    [key] = seen.get_foreign_keys("pets")
    assert (key["referred_table"], key["referred_schema"]) == ("people", None), key
    assert seen.get_indexes("people")[0]["column_names"] == ["name"]
    seen.get_unique_constraints("notes")
    seen.get_view_names()
    seen.get_table_comment("people")
    assert story.SCHEMA in seen.get_schema_names()
    assert not seen.has_table("missing")
    assert Table("pets", MetaData(), autoload_with=engine).c.name.type.length == 50


driver = sys.argv[1]
engine = create_engine(
    URL.create("mysql+" + driver, story.USER, story.PASSWORD, story.HOST, story.PORT, story.SCHEMA),
    pool_pre_ping=True, pool_size=2, pool_recycle=600,
)
write(engine)
relations(engine)
transactions(engine)
single_tables(engine)
reflection(engine)
engine.dispose()
with engine.connect() as connection:
    assert connection.scalar(text("SELECT COUNT(*) FROM people")) == 29
print(f"version: SQLAlchemy {sqlalchemy.__version__}, {driver}")
