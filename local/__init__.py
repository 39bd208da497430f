"""Home 2: one machine, no account. The adapters, the wiring and the command line."""
