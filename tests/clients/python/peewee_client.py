#!/usr/bin/env python3
"""Peewee: models, its pool, atomic blocks, schema questions and migrations."""

import json

import peewee
from peewee import SQL, fn
from playhouse.migrate import MySQLMigrator, migrate
from playhouse.pool import PooledMySQLDatabase
from playhouse.reflection import Introspector

import story

database = PooledMySQLDatabase(
    story.SCHEMA, host=story.HOST, port=story.PORT, user=story.USER, password=story.PASSWORD,
    max_connections=4, stale_timeout=60,
)


class Model(peewee.Model):
    class Meta:
        database = database


class Person(Model):
    id = peewee.BigIntegerField(primary_key=True)
    name = peewee.CharField(100)
    balance = peewee.DecimalField(20, 6, null=True)
    born = peewee.DateField(null=True)
    seen = peewee.DateTimeField(null=True)
    photo = peewee.BlobField(null=True)
    profile = peewee.TextField(null=True)
    visits = peewee.BigIntegerField(null=True)
    active = peewee.BooleanField(default=True)
    score = peewee.DoubleField(null=True)

    class Meta:
        table_name = "people"


class Pet(Model):
    id = peewee.BigIntegerField(primary_key=True)
    owner = peewee.ForeignKeyField(Person, backref="pets")
    name = peewee.CharField(50)

    class Meta:
        table_name = "pets"


class Note(Model):
    title = peewee.CharField(100, unique=True)
    body = peewee.TextField(null=True)

    class Meta:
        table_name = "notes"


class Draft(Model):
    word = peewee.CharField(20, index=True)

    class Meta:
        table_name = "drafts"


def rows():
    first = story.person(1) | {"profile": json.dumps(story.PROFILE)}
    assert Person.insert(**first).execute() is not None
    with database.atomic():
        Person.insert_many([story.person(n) for n in story.OTHERS]).execute()
    found = Person.get_by_id(1)
    assert json.loads(found.profile) == story.PROFILE
    assert all(getattr(found, name) == value for name, value in story.person(1).items() if name != "profile")
    Pet.create(id=10, owner=1, name="Rex")
    Pet.create(id=20, owner=2, name="Tom")
    assert [pet.name for pet in found.pets] == ["Rex"]


def questions():
    assert Person.select().count() == 30
    assert Person.select(fn.SUM(Person.balance)).where(Person.id > 1).scalar() == 464
    assert [p.id for p in Person.select().order_by(Person.id.desc()).paginate(2, 5)] == [25, 24, 23, 22, 21]
    assert [p.id for p in Person.select().where(Person.id << [3, 17]).order_by(Person.id)] == [3, 17]
    assert [p.owner.name for p in Pet.select(Pet, Person).join(Person).order_by(Pet.id)] == [story.NAME, "n2"]
    grouped = Person.select(Person.active, fn.COUNT(Person.id).alias("n")).group_by(Person.active).tuples()
    assert list(grouped) == [(True, 30)]


def transactions():
    try:
        with database.atomic():
            Person.update(name="gone").where(Person.id << [4, 5, 6]).execute()
            raise KeyError
    except KeyError:
        pass
    assert Person.select().where(Person.name == "gone").count() == 0
    with database.atomic():
        Person.update(name="kept").where(Person.id == 4).execute()
        with database.atomic() as savepoint:
            Person.update(name="lost").where(Person.id == 5).execute()
            savepoint.rollback()
    assert (Person.get_by_id(4).name, Person.get_by_id(5).name) == ("kept", "n5")
    try:
        Person.insert(id=1, name="again").execute()
        raise AssertionError("a duplicate key was accepted")
    except peewee.IntegrityError as error:
        assert error.args[0] == 1062
    Person.insert(id=6, name="x").on_conflict(update={Person.name: "upserted"}).execute()
    assert Person.get_by_id(6).name == "upserted"
    assert Person.get_by_id(30).delete_instance() == 1


def single_tables():
    note = Note.create(title="first", body="é🎈")
    assert note.id > 0 and Note.get_by_id(note.id).body == "é🎈"
    database.drop_tables([Draft])
    database.create_tables([Draft])
    Draft.insert_many([{"word": f"w{n}"} for n in range(5)]).execute()
    migrate(MySQLMigrator(database).add_column("drafts", "size", peewee.IntegerField(default=3)))
    assert database.execute_sql("SELECT SUM(size) FROM drafts").fetchone() == (15,)
    migrate(MySQLMigrator(database).drop_column("drafts", "size"))
    database.drop_tables([Draft])
    assert not Draft.table_exists()


def reflection():
    assert set(database.get_tables()) == {"people", "pets", "notes"}
    assert {column.name for column in database.get_columns("pets")} == {"id", "owner_id", "name"}
    assert database.get_primary_keys("people") == ["id"]
    assert [key.dest_table for key in database.get_foreign_keys("pets")] == ["people"]
    assert any(index.unique and index.columns == ["title"] for index in database.get_indexes("notes"))
    assert set(Introspector.from_database(database).generate_models()) == {"people", "pets", "notes"}


with database:
    rows()
    questions()
    transactions()
    single_tables()
    reflection()
with database:
    assert Person.select().count() == 29
print("version: Peewee", peewee.__version__)
