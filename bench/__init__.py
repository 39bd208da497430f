"""Measured claims: `python -m bench NAME` prints one JSON line."""
