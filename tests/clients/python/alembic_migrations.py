"""Alembic's migrations of a table of its own and of a sharded one, up and down again.

Reads MYSQL_HOST, MYSQL_PORT, MYSQL_USER, MYSQL_PASSWORD and MYSQL_DB.
"""

import os
import tempfile

import alembic
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

ENVIRONMENT = """
from alembic import context
from sqlalchemy import create_engine

with create_engine(context.config.get_main_option("sqlalchemy.url")).connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""

FIRST = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "a1", None

def upgrade():
    op.create_table("visits", sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(50), nullable=False))
    op.create_index("visits_by_name", "visits", ["name"])
    op.add_column("people", sa.Column("nick", sa.String(20)))
    op.create_index("people_by_nick", "people", ["nick"])

def downgrade():
    op.drop_index("people_by_nick", "people")
    op.drop_column("people", "nick")
    op.drop_table("visits")
"""

SECOND = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "a2", "a1"

def upgrade():
    op.execute("UPDATE people SET nick = IF(id < 10, name, 'x')")
    op.alter_column("people", "nick", existing_type=sa.String(20), type_=sa.String(40), nullable=False, server_default="x")
    op.alter_column("visits", "name", existing_type=sa.String(50), new_column_name="title")
    op.create_unique_constraint("visits_title", "visits", ["title"])
    op.create_table("guests", sa.Column("id", sa.Integer, primary_key=True), sa.Column("visit", sa.Integer, sa.ForeignKey("visits.id")))
    op.bulk_insert(sa.table("visits", sa.column("title", sa.String)), [{"title": "a"}, {"title": "b"}])
    op.rename_table("guests", "company")

def downgrade():
    op.rename_table("company", "guests")
    op.drop_table("guests")
    op.alter_column("people", "nick", existing_type=sa.String(40), nullable=True, server_default=None)
    op.drop_constraint("visits_title", "visits", type_="unique")
"""


def main():
    url = sa.URL.create("mysql+pymysql", os.environ["MYSQL_USER"], os.environ["MYSQL_PASSWORD"],
                        os.environ["MYSQL_HOST"], int(os.environ["MYSQL_PORT"]), os.environ["MYSQL_DB"])
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        rows = [{"id": id, "name": f"n{id}"} for id in range(1, 41)]
        connection.execute(sa.text("INSERT INTO people (id, name) VALUES (:id, :name)"), rows)
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(f"{folder}/versions")
        for name, text in [("env.py", ENVIRONMENT), ("versions/a1.py", FIRST), ("versions/a2.py", SECOND)]:
            with open(f"{folder}/{name}", "w") as file:
                file.write(text)
        config = Config()
        config.set_main_option("script_location", folder)
        config.set_main_option("sqlalchemy.url", url.render_as_string(hide_password=False).replace("%", "%%"))
        command.upgrade(config, "head")
        with engine.connect() as connection:
            nicks = connection.execute(sa.text("SELECT COUNT(*), SUM(nick = name), SUM(nick = 'x') FROM people")).one()
            assert tuple(nicks) == (40, 9, 31), nicks
            assert connection.execute(sa.text("SELECT COUNT(*) FROM visits")).scalar() == 2
        inspector = sa.inspect(engine)
        assert {"visits", "company", "alembic_version"} <= set(inspector.get_table_names())
        assert "people_by_nick" in [index["name"] for index in inspector.get_indexes("people")]
        command.current(config)
        command.downgrade(config, "base")
        inspector = sa.inspect(engine)
        assert "visits" not in inspector.get_table_names()
        assert "nick" not in [column["name"] for column in inspector.get_columns("people")]
    print(f"version: Alembic {alembic.__version__}, SQLAlchemy {sa.__version__}")


main()
