"""Options that several commands have."""

from pathlib import Path
from typing import Annotated

import typer

ApiOption = Annotated[
    str, typer.Option("--api", help="The platform's address; else CADENZA_API.", metavar="URL")
]
TokenFileOption = Annotated[
    Path | None,
    typer.Option("--token-file", help="A file with the access token; else CADENZA_TOKEN."),
]
