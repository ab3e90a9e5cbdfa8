"""The command that all others hang on; errors become one line on standard error and exit code 2."""

from __future__ import annotations

import os
from typing import Any

import click

from service.errors import PlumblineError


class _Group(click.Group):
    """Turns every ``PlumblineError`` into one line that says what to do, and exit code 2."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except PlumblineError as error:
            click.echo(f"error: {error.detail}", err=True)
            ctx.exit(2)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def main() -> None:
    """Plumbline measures how what people say lines up with what their organisation says it is for."""
    # Commands of this process never reach for a model hub: everything they load lies on this machine.
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
