"""The command line: ``python -m service COMMAND``. Errors go to standard error with exit code 2, results to files."""

# Importing a module of commands adds them to ``main``.
from service.cli import comparing, reading, running  # noqa: F401
from service.cli.app import main
from service.cli.summary import print_summary

__all__ = ["main", "print_summary"]
