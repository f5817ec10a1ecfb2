#!/usr/bin/env python3
"""Django on mysqlclient: its own migrations, models of sharded and single tables, atomic blocks, introspection."""

import datetime
import io

import django
from django.apps import AppConfig
from django.conf import settings

import story


class Shop(AppConfig):
    """This file as an application."""
    name = "__main__"
    label = "shop"
    path = "."


settings.configure(
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sessions", "__main__.Shop"],
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    USE_TZ=True,
    TIME_ZONE="UTC",
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.mysql", "NAME": story.SCHEMA, "USER": story.USER,
            "PASSWORD": story.PASSWORD, "HOST": story.HOST, "PORT": story.PORT,
            "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True,
        }
    },
)
django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import IntegrityError, close_old_connections, connection, models, transaction  # noqa: E402


class Person(models.Model):
    id = models.BigIntegerField(primary_key=True)
    name = models.CharField(max_length=100)
    balance = models.DecimalField(max_digits=20, decimal_places=6, null=True)
    born = models.DateField(null=True)
    seen = models.DateTimeField(null=True)
    photo = models.BinaryField(null=True)
    profile = models.JSONField(null=True)
    visits = models.PositiveBigIntegerField(null=True)
    active = models.BooleanField(default=True)
    score = models.FloatField(null=True)

    class Meta:
        app_label = "shop"
        db_table = "people"


class Pet(models.Model):
    id = models.BigIntegerField(primary_key=True)
    owner = models.ForeignKey(Person, models.CASCADE, related_name="pets")
    name = models.CharField(max_length=50)

    class Meta:
        app_label = "shop"
        db_table = "pets"


class Draft(models.Model):
    """A table that the client makes itself."""
    word = models.CharField(max_length=20, unique=True)
    size = models.IntegerField(default=3)

    class Meta:
        app_label = "shop"
        db_table = "drafts"


def clean():
    with connection.cursor() as cursor:
        cursor.execute("SET FOREIGN_KEY_CHECKS = 0")
        for table in connection.introspection.table_names():
            if table.startswith(("django_", "auth_", "drafts")):
                cursor.execute(f"DROP TABLE {table}")
        cursor.execute("SET FOREIGN_KEY_CHECKS = 1")


def migrations():
    call_command("migrate", verbosity=0, interactive=False)
    call_command("migrate", verbosity=0, interactive=False)
    User.objects.create_user("zoe", password="pw")
    assert User.objects.get(username="zoe").check_password("pw")
    assert not User.objects.get(username="zoe").has_perm("x")
    with connection.schema_editor() as editor:
        editor.create_model(Draft)
        extra = models.IntegerField(null=True)
        extra.set_attributes_from_name("extra")
        editor.add_field(Draft, extra)
        editor.remove_field(Draft, extra)
        editor.add_index(Draft, models.Index(fields=["size"], name="drafts_size"))
    assert Draft.objects.create(word="w").id > 0


def rows():
    first = story.person(1) | {"seen": story.SEEN.replace(tzinfo=datetime.timezone.utc), "visits": 2**63 - 1}
    Person.objects.create(**first)
    Person.objects.bulk_create(Person(**story.person(n)) for n in story.OTHERS)
    found = Person.objects.get(pk=1)
    assert {name: getattr(found, name) for name in first} == first
    for owner in (1, 2, 3):
        Pet.objects.create(id=owner * 10, owner_id=owner, name=f"pet{owner}")
    pet = Pet.objects.select_related("owner").get(name="pet2")
    assert pet.owner.name == "n2"


def questions():
    assert Person.objects.filter(name="n5").update(name="new") == 1
    # Found rows, not changed ones.
    assert Person.objects.filter(name="new").update(name="new") == 1
    owners = Person.objects.prefetch_related("pets").filter(pets__name__startswith="pet").order_by("-id")
    assert [(p.id, p.pets.all()[0].id) for p in owners] == [(3, 30), (2, 20), (1, 10)]
    told = Person.objects.filter(id__gt=1).aggregate(s=models.Sum("balance"), n=models.Count("id"), a=models.Avg("id"))
    assert told == {"s": 464, "n": 29, "a": 16.0}, told
    assert list(Person.objects.values_list("active").annotate(models.Count("id"))) == [(True, 30)]
    assert Person.objects.filter(profile__depth__n=1).count() == 1
    assert Person.objects.filter(seen__year=2026).count() == 1
    assert list(Person.objects.order_by("id").values_list("id", flat=True)[5:8]) == [6, 7, 8]
    assert Person.objects.filter(name__icontains="N1").exists()
    assert sum(1 for _ in Person.objects.iterator(chunk_size=7)) == 30


def transactions():
    with transaction.atomic():
        person = Person.objects.select_for_update().get(pk=1)
        person.name = "locked"
        person.save()
        try:
            with transaction.atomic():
                Person.objects.create(id=1, name="again")
            raise AssertionError("a duplicate key was accepted")
        except IntegrityError as error:
            assert error.args[0] == 1062
    assert Person.objects.get(pk=1).name == "locked"
    try:
        with transaction.atomic():
            Person.objects.filter(pk__in=[4, 5, 6]).update(name="gone")
            raise KeyError
    except KeyError:
        pass
    assert not Person.objects.filter(name="gone").exists()
    assert Person.objects.get_or_create(id=50, defaults={"name": "got"})[1]
    assert not Person.objects.update_or_create(id=50, defaults={"name": "updated"})[1]
    Person.objects.get(pk=2).delete()
    assert not Pet.objects.filter(name="pet2").exists()


def introspection():
    assert {"people", "pets", "notes"} <= set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        columns = {c.name: c for c in connection.introspection.get_table_description(cursor, "people")}
        assert columns["balance"].scale == 6
        assert connection.introspection.get_constraints(cursor, "notes")["title"]["unique"]
        assert connection.introspection.get_relations(cursor, "pets") == {"owner_id": ("id", "people")}
        assert connection.introspection.get_sequences(cursor, "notes")[0]["column"] == "id"
    told = io.StringIO()
    call_command("inspectdb", "people", stdout=told)
    assert "class People(models.Model)" in told.getvalue() and "max_digits=20" in told.getvalue()


clean()
migrations()
rows()
questions()
transactions()
introspection()
close_old_connections()
connection.close()
assert Person.objects.count() == 30
clean()
print("version: Django", django.get_version())
