"""Pages of the documentation that are made from the program: the command that writes them.

``python -m`` and the name of the module that makes them, at the root of a checkout.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from kloe.core.messages import _

FOLDER = Path("docs/reference")


def write_pages(
    module: str, made: Callable[[], Mapping[str, str]], argv: Sequence[str] | None = None
) -> None:
    """Write pages into the folder that is named, or into that of this checkout.

    Other words than a folder that is there end with the usage and code 2; nothing is written.

    :param made: the pages by their paths within the folder.
    """
    parser = ArgumentParser(
        prog=f"python -m {module}",
        description=str(_("Write the pages of the reference that this module makes.")),
        allow_abbrev=False,
    )
    parser.add_argument(
        "folder",
        nargs="?",
        type=Path,
        default=FOLDER,
        help=str(_("Folder to write into; %(folder)s if none is given.", folder=FOLDER)),
    )
    folder: Path = parser.parse_args(argv).folder
    if not folder.is_dir():
        parser.error(
            str(_("There is no folder %(folder)s. Run it at the root of a checkout, or name a "
                  "folder that is there.", folder=folder))
        )  # fmt: skip
    for name, text in made().items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        sys.stdout.write(f"{path}\n")
