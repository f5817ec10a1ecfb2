#!/usr/bin/env python3
"""Django's migrate with migrations of one's own: of tables of their own and of a sharded one, up, down, and again.

Reads MYSQL_HOST, MYSQL_PORT, MYSQL_USER, MYSQL_PASSWORD and MYSQL_DB.
"""

import io
import os
import sys
import tempfile

import django
from django.conf import settings

FIRST = """
from django.db import migrations, models
import django.db.models.deletion

class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel("Visit", [
            ("id", models.BigAutoField(primary_key=True)),
            ("name", models.CharField(max_length=50, db_index=True)),
            ("price", models.DecimalField(max_digits=12, decimal_places=3, default=0)),
            ("details", models.JSONField(null=True)),
        ]),
        migrations.CreateModel("Guest", [
            ("id", models.BigAutoField(primary_key=True)),
            ("visit", models.ForeignKey("trips.Visit", django.db.models.deletion.CASCADE)),
        ]),
        migrations.SeparateDatabaseAndState(state_operations=[
            migrations.CreateModel("Person", [
                ("id", models.BigIntegerField(primary_key=True)),
                ("name", models.CharField(max_length=100)),
            ], options={"db_table": "people"}),
        ]),
        migrations.AddField("Person", "nick", models.CharField(max_length=20, null=True)),
        migrations.AddIndex("Person", models.Index(fields=["nick"], name="people_by_nick")),
    ]
"""

SECOND = """
from django.db import migrations, models

def fill(apps, editor):
    Visit = apps.get_model("trips", "Visit")
    Visit.objects.bulk_create([Visit(title="a"), Visit(title="b")])

def empty(apps, editor):
    apps.get_model("trips", "Visit").objects.all().delete()

class Migration(migrations.Migration):
    dependencies = [("trips", "0001_initial")]
    operations = [
        migrations.RunSQL("UPDATE people SET nick = IF(id < 10, name, 'x')", "UPDATE people SET nick = NULL"),
        migrations.AlterField("Person", "nick", models.CharField(max_length=40, default="x")),
        migrations.RenameField("Visit", "name", "title"),
        migrations.AddField("Visit", "size", models.PositiveIntegerField(default=3)),
        migrations.AlterField("Visit", "price", models.DecimalField(max_digits=14, decimal_places=3, null=True)),
        migrations.AddConstraint("Visit", models.UniqueConstraint(fields=["size", "title"], name="visits_by_size")),
        migrations.RunPython(fill, empty),
        migrations.AlterModelTable("Guest", "company"),
        migrations.AddField("Visit", "guests", models.ManyToManyField("trips.Guest", related_name="trips")),
    ]
"""


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.makedirs(f"{folder}/trips/migrations")
        for name, text in [("__init__.py", ""), ("migrations/__init__.py", ""), ("migrations/0001_initial.py", FIRST),
                           ("migrations/0002_fill.py", SECOND)]:
            with open(f"{folder}/trips/{name}", "w") as file:
                file.write(text)
        sys.path.insert(0, folder)
        settings.configure(
            INSTALLED_APPS=["trips"],
            DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
            USE_TZ=True,
            DATABASES={
                "default": {
                    "ENGINE": "django.db.backends.mysql", "NAME": os.environ["MYSQL_DB"], "USER": os.environ["MYSQL_USER"],
                    "PASSWORD": os.environ["MYSQL_PASSWORD"], "HOST": os.environ["MYSQL_HOST"],
                    "PORT": os.environ["MYSQL_PORT"],
                }
            },
        )
        django.setup()
        migrations()
    print(f"version: Django {django.get_version()}")


def migrations():
    from django.core.management import call_command
    from django.db import connection

    def ask(sql):
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return [int(value) for value in cursor.fetchone()]

    def columns(table):
        with connection.cursor() as cursor:
            return [column.name for column in connection.introspection.get_table_description(cursor, table)]

    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO people (id, name) VALUES (%s, %s)", [(id, f"n{id}") for id in range(1, 41)])
    migrate = lambda *target: call_command("migrate", "trips", *target, verbosity=0, interactive=False)  # noqa: E731
    migrate()
    assert ask("SELECT COUNT(*), SUM(nick = name), SUM(nick = 'x') FROM people") == [40, 9, 31]
    assert ask("SELECT COUNT(*), SUM(size) FROM trips_visit") == [2, 6]
    assert "title" in columns("trips_visit")
    with connection.cursor() as cursor:
        constraints = connection.introspection.get_constraints(cursor, "people")
    assert "people_by_nick" in constraints, constraints
    shown = io.StringIO()
    call_command("showmigrations", "trips", stdout=shown, no_color=True)
    assert shown.getvalue().count("[X]") == 2, shown.getvalue()
    call_command("sqlmigrate", "trips", "0002", stdout=io.StringIO())
    migrate("0001")
    assert "size" not in columns("trips_visit")
    migrate()
    migrate("zero")
    assert "trips_visit" not in connection.introspection.table_names()
    assert "nick" not in columns("people")


main()
