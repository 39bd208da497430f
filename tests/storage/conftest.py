"""What the tests of storage may ask for."""

from tests.storage.stores import objects, stores
from tests.storage.tables import connection

__all__ = ["connection", "objects", "stores"]  # fixtures
