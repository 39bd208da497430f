"""The relay's process: python -m relay. Its settings are in docs/deploy.md."""

from __future__ import annotations

import sys

from relay.server import main

if __name__ == "__main__":
    sys.exit(main())
