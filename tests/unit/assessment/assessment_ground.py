"""Small frameworks built by hand or generated, and placings on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kloe.core.messages import Text
from kloe.frameworks.model import (
    Criterion,
    Descriptor,
    Framework,
    Grade,
    Kloe,
    MainQuestion,
    Scale,
    Theme,
)
from kloe.frameworks.rules import (
    Apart,
    JudgementRules,
    Ladder,
    Limit,
    Need,
    Rules,
    Share,
    Step,
    WeaknessRule,
)
from kloe.frameworks.words import POSITIONS

ID = "trial-2005"
SERVICE = ("excellent", "good", "fair", "poor")
PROSPECTS = ("strong", "raising", "weaknesses", "fails")
# Worst first, as POSITIONS has them.
LEVELS = {"paired": (1, 2, 3, 4), "upper only": (2, 3, 4), "lower only": (2, 3, 3)}


def text(words: str) -> Text:
    return Text({"en": words})


def scale(judgement: str, keys: Sequence[str]) -> Scale:
    grades = tuple(Grade(k, text(k.title()), len(keys) - n) for n, k in enumerate(keys))
    return Scale(judgement, text(f"How are the {judgement}?"), grades)


def descriptor(
    criterion: str,
    side: str,
    *,
    n: int = 1,
    polarity: str | None = None,
    decisive: str | None = None,
) -> Descriptor:
    polarity = polarity or ("strength" if side == "upper" else "fault")
    words = text(f"{side} {n} of {criterion}")
    return Descriptor(
        f"{criterion}/{side}-{n}", side, words, ("1/1/E1",), polarity, "practice", decisive
    )


def criterion(
    theme: str,
    key: str,
    form: str = "paired",
    weighs: str | None = None,
    *,
    decisive: str | None = None,
) -> Criterion:
    id = f"{theme}/{key}"
    upper = (
        tuple(descriptor(id, "upper", n=n, decisive=decisive) for n in (1, 2))
        if form != "lower only"
        else ()
    )
    lower = (descriptor(id, "lower"),) if form != "upper only" else ()
    return Criterion(id, key, text(f"Aspect {key}"), (f"{theme}/Q1",), upper, lower, None, weighs)


def theme(
    number: str,
    forms: Sequence[str | tuple[str, str | None]],
    *,
    strand: str = "service",
    main_question: str | None = None,
) -> Theme:
    """A theme whose criteria a, b, c ... have these forms (and weigh these sides)."""
    id = f"{ID}/{number}"
    criteria = []
    for n, form in enumerate(forms):
        which, weighs = (form, None) if isinstance(form, str) else form
        criteria.append(criterion(id, f"c{n:02}", which, weighs))
    return Theme(
        id,
        number,
        number.rpartition("/")[2],
        text(f"Theme {number}"),
        strand,
        main_question,
        (),
        (),
        tuple(criteria),
        (),
        (),
    )


def kloe(
    number: str,
    themes: Sequence[Theme],
    *,
    judgement: str = "service",
    main_questions: Sequence[MainQuestion] = (),
) -> Kloe:
    return Kloe(
        f"{ID}/{number}",
        number,
        text(f"KLOE {number}"),
        judgement,
        text("about"),
        (),
        tuple(themes),
        tuple(main_questions),
    )


def at_least(share: str, at: int | str, *of: str, keys: Sequence[str] = SERVICE) -> Need:
    return _need("share_at_least", share, at, of, keys)


def at_most(share: str, at: int | str, *of: str, keys: Sequence[str] = SERVICE) -> Need:
    return _need("share_at_most", share, at, of, keys)


def under(share: str, at: int | str, *of: str, keys: Sequence[str] = SERVICE) -> Need:
    return _need("share_under", share, at, of, keys)


def none_at(level: int, *of: str) -> Need:
    return Need("none_at", level, None, None, of)


def none_below(grade: str, *, keys: Sequence[str] = SERVICE) -> Need:
    return Need("none_below", len(keys) - list(keys).index(grade), None, grade)


def _need(kind: str, share: str, at: int | str, of: Sequence[str], keys: Sequence[str]) -> Need:
    n, d = map(int, share.split("/"))
    if isinstance(at, str):
        return Need(kind, len(keys) - list(keys).index(at), Share(n, d), at, tuple(of))
    return Need(kind, at, Share(n, d), None, tuple(of))


def ladder(*needs: Sequence[Need], least: str = "3/5", keys: Sequence[str] = SERVICE) -> Ladder:
    """Steps for the grades in order; the last needs nothing."""
    n, d = map(int, least.split("/"))
    steps = [Step(key, tuple(asked)) for key, asked in zip(keys, (*needs, ()), strict=True)]
    return Ladder(Share(n, d), tuple(steps))


THEME = ladder(
    (at_least("3/4", 4, "paired", "upper only"), at_most("1/10", 2), none_at(1)),
    (at_least("3/5", 3, "paired", "upper only"), at_most("1/10", 1)),
    (at_most("1/4", 1),),
)
GRADES = ladder(
    (at_least("3/5", "excellent"), none_below("good")),
    (at_least("3/5", "good"), none_below("fair")),
    (at_least("3/5", "fair"),),
)
APART = Apart("value for money", ("cost", "quality"), Share(1, 2), text("Both have to be known."))


def prospects_ladder(least: str = "1/1") -> Ladder:
    return ladder(
        (at_least("2/3", "strong", keys=PROSPECTS), none_below("raising", keys=PROSPECTS)),
        (at_least("2/3", "raising", keys=PROSPECTS), none_below("weaknesses", keys=PROSPECTS)),
        (at_least("2/3", "weaknesses", keys=PROSPECTS),),
        least=least,
        keys=PROSPECTS,
    )


PROSPECTS_THEME = ladder(
    (at_least("3/4", 4, "paired"),),
    (at_least("1/2", 3, "paired"),),
    (at_most("1/3", 1),),
    keys=PROSPECTS,
)
WEAKNESSES = (
    WeaknessRule("not-known", {"known": False}, "raising", text("Not known."), text("Ours.")),
    WeaknessRule(
        "serious-alone",
        {"serious": True, "planned": False, "resourced": False},
        "weaknesses",
        text("Left alone."),
        text("Ours."),
    ),
)


def limit(
    id: str,
    kind: str,
    of: str,
    at: int,
    *,
    caps: str,
    caps_id: str,
    grade: str,
    below: str | None = None,
) -> Limit:
    whole = caps_id if caps == "judgement" else f"{ID}/{caps_id}"
    reason, source = text(f"Reason {id}."), text(f"Source {id}.")
    return Limit(id, kind, f"{ID}/{of}", at, below, caps, whole, grade, reason, source, ())


def rules(
    *,
    theme: Ladder = THEME,
    grades: Ladder = GRADES,
    limits: Sequence[Limit] = (),
    apart: Mapping[str, Apart] | None = None,
) -> Rules:
    judgements = {
        "service": JudgementRules(
            "service",
            theme,
            grades,
            None,
            grades,
            {"value for money": APART} if apart is None else apart,
            (),
        ),
        "prospects": JudgementRules(
            "prospects",
            PROSPECTS_THEME,
            None,
            prospects_ladder("3/5"),
            prospects_ladder(),
            {},
            WEAKNESSES,
        ),
    }
    levels = {
        form: dict(zip(POSITIONS[form], found, strict=True)) for form, found in LEVELS.items()
    }
    return Rules(text("Ours."), levels, judgements, tuple(limits), {})


def framework(
    kloes: Sequence[Kloe], of: Rules | None = None, *, id: str = ID, **scales: Sequence[str]
) -> Framework:
    names: dict[str, Sequence[str]] = {"service": SERVICE, "prospects": PROSPECTS} | scales
    return Framework(
        id=id,
        title=text("Trial"),
        publisher=text("Nobody"),
        edition=text("2005"),
        published="2005",
        status=text("draft"),
        jurisdiction="wales",
        language="en",
        url_note=text(""),
        leading=True,
        kloes=tuple(kloes),
        scales={name: scale(name, keys) for name, keys in names.items() if keys},
        rules=of or rules(),
        instruments={},
        faults=(),
        overlaps=(),
        digest="0" * 64,
        translations={},
    )


def place(theme: Theme, *positions: str) -> dict[str, Any]:
    """Placings of a theme's criteria in order; an empty one is not placed."""
    return {c.id: p for c, p in zip(theme.criteria, positions, strict=False) if p}


def said(messages: Sequence[Any]) -> str:
    """Sentences as one text, to look for words in."""
    return "\n".join(str(m) for m in messages)
