import re
import sqlite3
from hashlib import sha256

from storage.schema import MIGRATIONS
from tests.storage.tables import opened

RELEASED: dict[int, str] = {}  # by its place: the sha256 of each migration that a release had


def test_a_migration_that_was_released_is_never_changed():
    assert len(MIGRATIONS) >= len(RELEASED)
    assert {place: sha256(MIGRATIONS[place].encode()).hexdigest() for place in RELEASED} == RELEASED


def test_migrations_only_add():
    taking = re.compile(r"\b(DROP|RENAME|DELETE|UPDATE|REPLACE|TRIGGER)\b(?! SET| CASCADE)", re.IGNORECASE)
    assert taking.search("ALTER TABLE games DROP COLUMN venue")
    assert taking.search("UPDATE games SET venue = NULL")
    for migration in MIGRATIONS:
        assert not taking.search(re.sub(r"ON DELETE (CASCADE|SET NULL)", "", migration))


def test_every_table_is_strict_and_every_reference_has_an_index():
    connection = opened()
    tables = connection.execute("SELECT name, strict FROM pragma_table_list WHERE type = 'table' AND schema = 'main'")
    found = {name: strict for name, strict in tables if not name.startswith("sqlite_")}
    assert found == dict.fromkeys(found, 1)
    assert len(found) > 10
    for table in found:
        columns = _leading(connection, table)
        for reference in connection.execute(f"SELECT \"from\" FROM pragma_foreign_key_list('{table}')").fetchall():
            # Deleting a parent searches its children: without an index that is a scan for each row.
            assert reference[0] in columns or reference[0] == "athlete_id", (table, reference)
    connection.close()


def _leading(connection: sqlite3.Connection, table: str) -> set[str]:
    """Return the columns that an index of the table begins with."""
    query = (
        "SELECT (SELECT name FROM pragma_index_info(list.name) WHERE seqno = 0)"
        f" FROM pragma_index_list('{table}') AS list"
    )
    return {name for (name,) in connection.execute(query)}
