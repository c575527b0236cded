"""The commands as a page: ``python -m kloe.cli.reference`` writes docs/reference/commands.md.

A test compares the page with the program, so that no command or option goes undocumented.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from typer.main import get_command

from kloe.core.pages import write_pages

#: What the program of the command line adds by itself.
_PASSED_BY = {"install_completion", "show_completion", "help"}

INTRODUCTION = """\
# Commands

Written from the program by `python -m kloe.cli.reference`; do not edit.

One program, `kloe`. `--data DIR` may stand before or after a command. Results go to standard
output, everything else to standard error; `--format csv` and `--format json` print data to pass
on. How a command ends is told by its [exit code](exit-codes.md); what comes from the environment
stands in [settings](settings.md).
"""


def _text(words: str | None) -> str:
    """Help as paragraphs a blank line apart, line breaks within them gone; examples as code."""
    found = []
    for paragraph in (words or "").split("\n\n"):
        lines = [line.strip() for line in paragraph.replace("\b", "").strip().splitlines()]
        lines = [line for line in lines if line]
        if lines and all(line.startswith("kloe ") for line in lines):
            found.append("\n".join(["```", *lines, "```"]))
        elif lines:
            found.append(" ".join(lines))
    return "\n\n".join(found)


def _cell(words: str) -> str:
    return " ".join(words.split()).replace("|", "\\|")


def _default(parameter: Any) -> str:
    value = parameter.default
    if parameter.required:
        return "required"
    if value is None or value is False or callable(value) or value in ((), [], ""):
        return ""
    if value is True:
        return f"`{parameter.opts[0]}`"
    return f"`{getattr(value, 'value', value)}`"


_KINDS = {"int": "N", "float": "N", "str": "TEXT", "Path": "PATH"}


def _metavar(parameter: Any) -> str:
    """What stands for the value: as the command says, else its choices, else its kind."""
    if parameter.metavar:
        return str(parameter.metavar)
    kind = getattr(parameter, "type_descriptor", None)
    if choices := getattr(kind, "choices", None):
        return ",".join(str(getattr(one, "value", one)) for one in choices)
    annotation = getattr(kind, "annotation", None)
    one = getattr(annotation, "__args__", (annotation,))[0]
    name = getattr(one, "__name__", "")
    if parameter.param_type_name == "argument":
        return str(parameter.name).upper()
    return _KINDS.get(name, "VALUE")


def _option(parameter: Any) -> str:
    names = ", ".join(f"`{name}`" for name in parameter.opts)
    if parameter.secondary_opts:
        names += " / " + ", ".join(f"`{name}`" for name in parameter.secondary_opts)
    if not parameter.is_flag:
        names += f" `{_cell(_metavar(parameter)).strip('[]')}`"
    return names


def _parameters(command: Any) -> Iterator[str]:
    shown = [
        p for p in command.params if p.name not in _PASSED_BY and not getattr(p, "hidden", False)
    ]
    if not shown:
        return
    yield "| | | default |"
    yield "|---|---|---|"
    for parameter in shown:
        if parameter.param_type_name == "argument":
            names = f"`{_cell(_metavar(parameter)).strip('[]')}`"
        else:
            names = _option(parameter)
        yield f"| {names} | {_cell(parameter.help or '')} | {_default(parameter)} |"
    yield ""


def _piece(piece: str) -> str:
    """A part of the usage: what may be left out in brackets, what may not bare."""
    if piece.startswith("[["):
        return piece[1:-1]
    return piece.strip("{}")


def _sections(command: Any, path: list[str], parent: Any = None) -> Iterator[str]:
    context = command.make_context(path[-1], [], parent=parent, resilient_parsing=True)
    usage = " ".join([*path, *map(_piece, command.collect_usage_pieces(context))])
    if parent is None:
        yield _text(command.help)
    else:
        yield f"{'#' * len(path)} {' '.join(path)}"
        yield ""
        yield _text(command.help)
    yield ""
    yield f"```\n{usage}\n```"
    yield ""
    yield from _parameters(command)
    for name in sorted(getattr(command, "commands", {})):
        one = command.commands[name]
        if not one.hidden:
            yield from _sections(one, [*path, name], context)


def markdown() -> str:
    """The whole page."""
    from kloe.cli.main import app

    lines = [INTRODUCTION, *_sections(get_command(app), ["kloe"])]
    return "\n".join(lines).rstrip() + "\n"


def pages() -> dict[str, str]:
    """The page by its path below docs/reference."""
    return {"commands.md": markdown()}


if __name__ == "__main__":
    write_pages("kloe.cli.reference", pages)
