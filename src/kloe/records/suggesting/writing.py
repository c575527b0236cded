"""Write a proposal as a mapping file, with comments for the person who corrects it."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from kloe.core.messages import Message, _
from kloe.records.layouts import layout
from kloe.records.mapping import FORMAT
from kloe.records.suggesting.values import Alternative, LeftOut, ProposedColumn, ProposedSource
from kloe.records.suggesting.values import Proposal as _Proposal

WIDTH = 98
_BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_ ./()%+&-]*[A-Za-z0-9_)]|[A-Za-z_]")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n", "none"})
_SETTINGS = (
    "join", "dates", "every", "part", "sign", "negative", "less", "numbers", "yes", "no",
    "separator", "empty", "codes",
)  # fmt: skip


def mapping_yaml(
    proposal: _Proposal, *, landlord: str | None = None, as_at: date | None = None
) -> str:
    """The mapping file of a proposal: always the same for the same files."""
    lines = _comment(
        "",
        _(
            "Proposed from the files themselves. Look at every column listed under “unsure”: what"
            " speaks against it stands above it. Take its name out of the list when it is right;"
            " correct it or take it out of “columns” when it is not. Then “kloe records check”."
        ),
    )
    for name in proposal.shipped:
        lines += _comment(
            "",
            _("A mapping made for these files comes with kloe: “%(name)s” in place of this file.",
              name=name),
        )  # fmt: skip
    lines.append(f"format: {FORMAT}")
    lines.append(f"landlord: {_scalar(landlord)}" if landlord else f"# {_words(_NO_LANDLORD)}")
    lines.append(f"as_at: {as_at.isoformat()}" if as_at else f"# {_words(_NO_DAY)}")
    lines.append("sources:")
    for source in proposal.sources:
        lines += ["", *_source(source)]
    for one in proposal.not_taken:
        lines += ["", *_comment("", _("%(file)s: %(why)s", file=one.title, why=one.reason))]
    return "\n".join(lines) + "\n"


_NO_LANDLORD = _("landlord: the landlord's code, or give it with --landlord")
_NO_DAY = _("as_at: the day of the extract, as in 2026-03-31, or give it with --as-at")


def _words(message: Message) -> str:
    return str(message)


def _source(source: ProposedSource) -> list[str]:
    ours = layout(source.table)
    sheet = f" ({source.sheet})" if source.sheet else ""
    named = ", ".join(source.files[:3]) + ("…" if len(source.files) > 3 else "")
    lines = _comment(
        "  ",
        _(
            "%(files)s: %(title)s. Likeness %(score)s, %(unsure)d of %(n)d columns unsure.",
            files=named + sheet, title=ours.title, score=source.certainty,
            unsure=len(source.unsure), n=len(source.columns),
        ),
    )  # fmt: skip
    for reason in source.reasons:
        lines += _comment("  ", reason)
    if source.tables and not source.sure:
        lines += _comment("  ", _("Perhaps instead: %(all)s.", all=_alternatives(source.tables)))
    if source.sampled:
        lines += _comment(
            "  ", _("Read: %(n)d rows from the beginning, middle and end.", n=source.rows)
        )
    for name in source.missing:
        lines += _comment("  ", _("No column was found for %(name)s, which every row needs.",
                                  name=name))  # fmt: skip
    lines.append(f"  - files: {_flow(list(source.files))}")
    lines.append(f"    table: {source.table}")
    if source.kind == "csv":
        csv = {"delimiter": source.delimiter, "encoding": source.encoding}
        csv["delimiter"] = "tab" if csv["delimiter"] == "\t" else csv["delimiter"]
        lines.append(f"    csv: {_flow(csv)}")
    if source.sheet is not None:
        lines.append(f"    sheet: {_scalar(source.sheet)}")
    if (source.header, source.names, source.data) != ((1,), 1, 2):
        names = "joined" if source.names is None else source.names
        header = {"rows": list(source.header), "names": names, "data": source.data}
        lines.append(f"    header: {_flow(header)}")
    if source.wide is not None:
        wide = source.wide
        lines.append("    unpivot:")
        lines.append(f"      columns: {_flow(list(wide.columns))}")
        lines.append(f"      name: {_scalar(wide.name)}")
        lines.append(f"      value: {_scalar(wide.value)}")
    if source.repeats != "reject":
        lines.append(f"    repeats: {source.repeats}")
    lines.append("    columns:")
    for column in source.columns:
        lines += _column(column, source)
    if source.unsure:
        lines += _listed("unsure", source.unsure)
    if source.left_out:
        lines.append("    unused:")
        for one in source.left_out:
            lines += _left_out(one)
    return lines


def _column(one: ProposedColumn, source: ProposedSource) -> list[str]:
    indent = "      "
    lines: list[str] = []
    about = []
    labels = [h for h in one.headings[1:] if h]
    if labels:
        about.append("“" + "”, “".join(labels) + "”")
    if one.samples:
        about.append(", ".join(_short(s) for s in one.samples[:3]))
    if about:
        lines += _comment(indent, ": ".join(about))
    ours = layout(source.table).column(one.name)
    if ours.personal:
        lines += _comment(indent, _("Personal: “{leave_out: true}” keeps it out."))
    mark = _("Unsure (%(score)s):", score=one.certainty)
    if not one.sure:
        lines += _comment(indent, f"{mark} {' '.join(map(str, one.reasons))}")
        if one.alternatives:
            lines += _comment(
                indent, _("Perhaps instead from: %(all)s.", all=_alternatives(one.alternatives))
            )
        if one.instead:
            lines += _comment(
                indent, _("Perhaps for instead: %(all)s.", all=_alternatives(one.instead))
            )
    unknown = [m.value for m in one.codes if m.code is None]
    if unknown:
        lines += _comment(indent, _("Our codes: %(codes)s.", codes=", ".join(ours.codes)))
    settings = {k: one.settings[k] for k in _SETTINGS if k in one.settings}
    if "constant" in one.settings:
        lines.append(f"{indent}{one.name}: {_flow({'constant': one.settings['constant']})}")
        return lines
    if not settings and unknown:
        lines.append(f"{indent}{one.name}:")
        lines.append(f"{indent}  from: {_scalar(one.sources[0])}")
        lines.append(f"{indent}  # codes:")
        lines += [f"{indent}  #   {_scalar(value)}: ?" for value in unknown]
        return lines
    if not settings and len(one.sources) == 1:
        lines.append(f"{indent}{one.name}: {_scalar(one.sources[0])}")
        return lines
    given: Any = one.sources[0] if len(one.sources) == 1 else list(one.sources)
    codes = settings.pop("codes", None)
    flow = _flow({"from": given, **settings})
    if codes is None and len(indent + one.name + flow) + 2 <= WIDTH:
        lines.append(f"{indent}{one.name}: {flow}")
        return lines
    lines.append(f"{indent}{one.name}:")
    for key, value in {"from": given, **settings}.items():
        lines.append(f"{indent}  {key}: {_flow(value)}")
    if codes is not None:
        lines.append(f"{indent}  codes:")
        for match in one.codes:
            text = f"{_scalar(match.value)}: {match.code or '?'}"
            if match.code is None:
                lines.append(f"{indent}    # {text}")
            else:
                others = f" ({', '.join(match.others)}?)" if match.others else ""
                guess = "" if match.sure else f"  # {_('guessed')}{others}"
                lines.append(f"{indent}    {text}{guess}")
    return lines


def _left_out(one: LeftOut) -> list[str]:
    indent = "      "
    samples = "" if one.personal else ", ".join(_short(s) for s in one.samples[:3])
    labels = " ".join(f"“{h}”" for h in one.headings[1:] if h)
    said = ": ".join(p for p in (labels, samples) if p)
    lines = _comment(indent, f"{one.reason} {said}".strip())
    return [*lines, f"{indent}- {_scalar(one.name)}"]


def _listed(key: str, names: Sequence[str]) -> list[str]:
    flow = f"    {key}: [{', '.join(names)}]"
    if len(flow) <= WIDTH:
        return [flow]
    wrapped = textwrap.wrap(", ".join(names), WIDTH - 8)
    return [f"    {key}:", "      [", *(f"        {line}" for line in wrapped), "      ]"]


def _alternatives(found: Iterable[Alternative]) -> str:
    return ", ".join(f"{a.name} ({a.score})" for a in found)


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 32 else text[:31] + "…"


def _comment(indent: str, words: Message | str) -> list[str]:
    text = "".join(ch if ch.isprintable() else " " for ch in str(words))
    return [f"{indent}# {line}" for line in textwrap.wrap(text, WIDTH - len(indent) - 2)]


def _scalar(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    text = str(value)
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return text
    if _BARE.fullmatch(text) and text.lower() not in _WORDS and "  " not in text:
        return text
    return json.dumps(text, ensure_ascii=False)


def _quoted(value: Any) -> str:
    """A scalar within brackets, where commas and colons would end it."""
    text = _scalar(value)
    return text if not re.search(r"[,:\[\]{}]", text) or text.startswith('"') else json.dumps(text)


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        inner = ", ".join(f"{_quoted(k)}: {_flow(v)}" for k, v in value.items() if v is not None)
        return "{" + inner + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_flow(v) for v in value) + "]"
    return _quoted(value)
