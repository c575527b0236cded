"""A snapshot in which every text a person may write is as bad as it gets."""

from __future__ import annotations

from dataclasses import replace

from kloe.assessment import snapshot as s
from kloe.core.messages import Text

BAD = (
    "<b>&amp; #heading $x^2$ @ref *bold* _em_ `raw` \\ [x] \"q\" 's' {{ %s }} %(n)s "
    "😀👨\u200d👩\u200d👧 ŵŷŴŶ שלום عربي हिन्दी 中文 বাংলা \ue000 \x00\x07\ufffe \ud800 "
    + "x" * 500
    + " ]]> --> </svg> </style><script>alert(1)</script>"
)
LONG = "A reason that does not end. " * 360


def hostile(plain: s.Snapshot) -> s.Snapshot:
    """The snapshot with its words replaced."""
    kloe, *kloes = plain.kloes
    theme, *themes = kloe.themes
    first, *criteria = theme.criteria
    links = tuple(
        x if plain.item(x.number).restricted else replace(x, locator=BAD, note=BAD)
        for x in first.evidence
    )
    first = replace(first, reason=BAD + LONG, title=Text({"en": BAD}), evidence=links)
    question, *questions = theme.questions
    question = replace(question, answer=BAD * 3, text=Text({"en": BAD}))
    theme = replace(
        theme,
        title=Text({"en": BAD}),
        criteria=(first, *criteria),
        questions=(question, *questions),
    )
    kloe = replace(kloe, title=Text({"en": BAD}), themes=(theme, *themes))
    return replace(
        plain,
        kloes=(kloe, *kloes),
        organisation=replace(plain.organisation, name=BAD, kind=BAD),
        assessment=replace(plain.assessment, title=BAD, lead=BAD, conducted_by=BAD),
        findings=tuple(
            replace(f, text=BAD + f.text, recommendation=f.recommendation and BAD)
            for f in plain.findings
        ),
        context=s.ContextRecord(BAD, BAD, BAD, BAD, BAD),
        known=tuple(
            replace(k, text=BAD, source=BAD, url="javascript:alert(1)") for k in plain.known
        ),
        judgements=tuple(replace(j, reasons=BAD * 2, by=BAD) for j in plain.judgements),
        prospects=s.Prospects(
            tuple(replace(x, text=BAD, note=BAD) for x in plain.prospects.weaknesses),
            (BAD,),
            (BAD,),
        ),
        indicators=tuple(replace(i, title=BAD, source=BAD, notes=(BAD,)) for i in plain.indicators),
        evidence=tuple(
            e if e.restricted else replace(e, title=BAD, source=BAD) for e in plain.evidence
        ),
    )


def empty(plain: s.Snapshot) -> s.Snapshot:
    """Nothing but an organisation without a name and a period."""
    return s.Snapshot(
        taken_at=plain.taken_at,
        organisation=s.Organisation(""),
        assessment=s.Assessment(
            "", "self-assessment", "", plain.assessment.period_start, plain.assessment.period_end
        ),
    )


def unfilled(plain: s.Snapshot) -> s.Snapshot:
    """The scope is set and nobody has written anything."""
    kloes = tuple(
        replace(
            k,
            themes=tuple(
                replace(
                    t,
                    questions=tuple(s.Question(q.id, q.text) for q in t.questions),
                    criteria=tuple(
                        s.Criterion(c.id, c.title, c.form, c.descriptors) for c in t.criteria
                    ),
                )
                for t in k.themes
            ),
        )
        for k in plain.kloes
    )
    return s.Snapshot(plain.taken_at, plain.organisation, plain.assessment, plain.scales, kloes)
