"""`python -m catalogsync`."""

from catalogsync.cli.main import run

run()
