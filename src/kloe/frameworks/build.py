"""From the compiled form to values. The compiled form holds each text in one language; the
translations lie beside it, keyed by identifier, so that adding one changes no digest of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kloe.core.messages import Text
from kloe.frameworks.model import (
    Criterion,
    Descriptor,
    DetailedQuestion,
    Framework,
    Grade,
    Instrument,
    Kloe,
    MainQuestion,
    Overlap,
    PublishedFault,
    Question,
    Replacement,
    Scale,
    SuggestedCheck,
    SuggestedEvidence,
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

Raw = Mapping[str, Any]


class Builder:
    """Builds one framework; gives each text its key, under which translations are filed."""

    def __init__(self, raw: Raw, translations: Mapping[str, Mapping[str, str]]) -> None:
        self.raw = raw
        self.id: str = raw["id"]
        self.language: str = raw["language"]
        self.translations = translations
        self.ranks: dict[str, dict[str, int]] = {}

    def text(self, key: str, source: str) -> Text:
        """The text of this key in every language there is."""
        by_language = {self.language: source}
        if not self.translations:
            return Text(by_language)
        for language, texts in self.translations.items():
            if key in texts:
                by_language[language] = texts[key]
        return Text(by_language)

    def whole(self, number: str) -> str:
        return f"{self.id}/{number}"

    def framework(self, digest: str, translation_digests: Mapping[str, str]) -> Framework:
        """The whole edition."""
        raw, text = self.raw, self.text
        scales = {s["judgement"]: self.scale(s) for s in raw["scales"]}
        return Framework(
            id=self.id,
            title=text("title", raw["title"]),
            publisher=text("publisher", raw["publisher"]),
            edition=text("edition", raw["edition"]),
            published=raw["published"],
            status=text("status", raw["status"]),
            jurisdiction=raw["jurisdiction"],
            language=self.language,
            url_note=text("url_note", raw["url_note"]),
            leading=raw["leading"],
            kloes=tuple(self.kloe(k) for k in raw["kloes"]),
            scales=scales,
            rules=self.rules(raw["rules"]),
            instruments={i["id"]: self.instrument(i) for i in raw["instruments"]},
            faults=tuple(self.fault(f) for f in raw["faults"]),
            overlaps=tuple(self.overlap(o) for o in raw["overlaps"]),
            digest=digest,
            translations=dict(translation_digests),
        )

    def scale(self, raw: Raw) -> Scale:
        judgement = raw["judgement"]
        count = len(raw["grades"])
        grades = tuple(
            Grade(
                g["key"],
                self.text(f"scale/{judgement}/{g['key']}", g["label"]),
                count - n,
                g.get("describes"),
            )
            for n, g in enumerate(raw["grades"])
        )
        self.ranks[judgement] = {g.key: g.rank for g in grades}
        return Scale(judgement, self.text(f"scale/{judgement}", raw["question"]), grades)

    def overlap(self, raw: Raw) -> Overlap:
        note = self.text(f"overlap/{raw['theme']}", raw["note"])
        return Overlap(self.whole(raw["theme"]), raw["other"], raw["extent"], note)

    def instrument(self, raw: Raw) -> Instrument:
        key = f"instrument/{raw['id']}"
        return Instrument(
            raw["id"],
            self.text(f"{key}/name", raw["name"]),
            raw.get("abbreviation"),
            raw["kind"],
            self.text(f"{key}/was", raw["was"]),
            tuple(raw["refs"]),
            tuple(
                Replacement(
                    r["jurisdiction"],
                    r["from"],
                    self.text(f"{key}/{n}/by", r["by"]),
                    self.text(f"{key}/{n}/note", r["note"]) if "note" in r else Text({}),
                )
                for n, r in enumerate(raw["replaced_by"], 1)
            ),
            raw.get("still", False),
        )

    def fault(self, raw: Raw) -> PublishedFault:
        key = f"fault/{raw['id']}"
        return PublishedFault(
            raw["id"],
            tuple(raw["refs"]),
            self.text(f"{key}/fault", raw["fault"]),
            self.text(f"{key}/treatment", raw["treatment"]),
        )

    # KLOEs

    def kloe(self, raw: Raw) -> Kloe:
        number, text = raw["id"], self.text
        mains = tuple(
            MainQuestion(
                self.whole(f"{number}/{m['id']}"),
                text(f"{number}/{m['id']}", m["title"]),
                text(f"{number}/{m['id']}/text", m["text"]),
                tuple(self.whole(t) for t in m["themes"]),
            )
            for m in raw.get("main_questions", ())
        )
        under = {theme: main.id for main in mains for theme in main.themes}
        return Kloe(
            self.whole(number),
            number,
            text(number, raw["title"]),
            raw["judgement"],
            text(f"{number}/about", raw["about"]),
            tuple(text(f"{number}/covers/{n}", c) for n, c in enumerate(raw["covers"], 1)),
            tuple(self.theme(t, under) for t in raw["themes"]),
            mains,
            tuple(raw.get("also_numbered", ())),
        )

    def theme(self, raw: Raw, under: Mapping[str, str]) -> Theme:
        number, text = raw["id"], self.text
        whole = self.whole(number)
        return Theme(
            whole,
            number,
            number.rpartition("/")[2],
            text(number, raw["title"]),
            raw["strand"],
            under.get(whole),
            tuple(
                Question(
                    f"{whole}/{q['id']}",
                    q["id"],
                    text(f"{number}/{q['id']}", q["text"]),
                    tuple(q["source"]),
                )
                for q in raw["questions"]
            ),
            tuple(
                DetailedQuestion(
                    f"{whole}/d{n}",
                    f"{whole}/{q['question']}",
                    text(f"{number}/d{n}", q["text"]),
                    q.get("common"),
                )
                for n, q in enumerate(raw["detailed_questions"], 1)
            ),
            tuple(self.criterion(number, whole, c) for c in raw["criteria"]),
            tuple(
                SuggestedEvidence(
                    f"{whole}/e{n}",
                    e["kind"],
                    text(f"{number}/e{n}", e["text"]),
                    tuple(f"{whole}/{c}" for c in e.get("criteria", ())),
                    e.get("common"),
                )
                for n, e in enumerate(raw["evidence"], 1)
            ),
            tuple(
                SuggestedCheck(
                    f"{whole}/c{n}",
                    c["kind"],
                    text(f"{number}/c{n}", c["claim"]),
                    c["how_many"],
                    text(f"{number}/c{n}/sample", c["sample"]),
                    tuple(f"{whole}/{id}" for id in c["criteria"]),
                    c.get("common"),
                )
                for n, c in enumerate(raw["reality_checks"], 1)
            ),
        )

    def criterion(self, theme: str, whole_theme: str, raw: Raw) -> Criterion:
        key = raw["id"]
        number, whole = f"{theme}/{key}", f"{whole_theme}/{key}"
        return Criterion(
            whole,
            key,
            self.text(number, raw["title"]),
            tuple(f"{whole_theme}/{q}" for q in raw["questions"]),
            self.side("upper", number, whole, raw.get("upper", ())),
            self.side("lower", number, whole, raw.get("lower", ())),
            raw.get("common"),
            raw.get("weighs"),
        )

    def side(
        self, side: str, number: str, whole: str, raws: tuple[Raw, ...] | list[Raw]
    ) -> tuple[Descriptor, ...]:
        return tuple(
            Descriptor(
                f"{whole}/{side}-{n}",
                side,
                self.text(f"{number}/{side}-{n}", d["text"]),
                tuple(d["source"]),
                d["polarity"],
                d["nature"],
                d.get("decisive"),
                tuple(d.get("instruments", ())),
            )
            for n, d in enumerate(raws, 1)
        )

    # Rules

    def rules(self, raw: Raw) -> Rules:
        return Rules(
            self.text("rules/about", raw["about"]),
            raw["levels"],
            {j: self.judgement(j, r) for j, r in raw["judgements"].items()},
            tuple(self.limit(r) for r in raw["limits"]),
            raw,
        )

    def judgement(self, judgement: str, raw: Raw) -> JudgementRules:
        ranks = self.ranks[judgement]

        def ladder(name: str) -> Ladder:
            steps = tuple(
                Step(s["grade"], tuple(self.need(n, ranks) for n in s.get("needs", ())))
                for s in raw[name]["steps"]
            )
            return Ladder(Share(*raw[name]["least_coverage"]), steps)

        return JudgementRules(
            judgement,
            ladder("theme"),
            ladder("kloe") if "kloe" in raw else None,
            ladder("main_question") if "main_question" in raw else None,
            ladder("overall"),
            {
                a["strand"]: Apart(
                    a["strand"],
                    tuple(a["sides"]),
                    Share(*a["least_coverage"]),
                    self.text(f"rules/apart/{judgement}/{a['strand']}", a["reason"]),
                )
                for a in raw.get("apart", ())
            },
            tuple(
                WeaknessRule(
                    w["id"],
                    w["when"],
                    w["at"],
                    self.text(f"rules/weakness/{w['id']}", w["reason"]),
                    self.text(f"rules/weakness/{w['id']}/source", w["source"]),
                )
                for w in raw.get("weaknesses", ())
            ),
        )

    @staticmethod
    def need(raw: Raw, ranks: Mapping[str, int]) -> Need:
        kind, share, grade = raw["kind"], raw.get("share"), raw.get("grade")
        at = ranks[grade] if grade is not None else raw["level"]
        return Need(kind, at, Share(*share) if share else None, grade, tuple(raw.get("of", ())))

    def limit(self, raw: Raw) -> Limit:
        when, caps = raw["when"], raw["caps"]
        kind = next(k for k in ("criterion", "theme", "kloe") if k in when)
        target = next(k for k in ("theme", "kloe", "judgement") if k in caps)
        below = when.get("below")
        number = when[kind].split("/", 1)[0]
        judgement = next(k["judgement"] for k in self.raw["kloes"] if k["id"] == number)
        return Limit(
            id=raw["id"],
            kind=kind,
            of=self.whole(when[kind]),
            at=when["at_or_below_level"] if kind == "criterion" else self.ranks[judgement][below],
            below=below,
            caps=target,
            caps_id=caps[target] if target == "judgement" else self.whole(caps[target]),
            grade=raw["at"],
            reason=self.text(f"rules/limit/{raw['id']}", raw["reason"]),
            source=self.text(f"rules/limit/{raw['id']}/source", raw["source"]),
            refs=tuple(raw.get("refs", ())),
        )


class _Recorder(dict[str, str]):
    """Stands for a translation that has every key, and notes which were asked for."""

    def __contains__(self, key: object) -> bool:
        return True

    def __getitem__(self, key: str) -> str:
        self.setdefault(key, "")
        return ""


def text_keys(raw: Raw) -> tuple[str, ...]:
    """The keys of all texts of a compiled framework, in order: what a translation may hold."""
    recorder = _Recorder()
    Builder(raw, {"": recorder}).framework("", {})
    return tuple(recorder)
