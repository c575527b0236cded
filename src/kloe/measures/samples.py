"""Samples drawn on the command line, each kept as a file with all that is needed to draw it again.

``DATA/samples/<id>.json`` holds what was drawn from, the digests of definition and records, the
seed, the cases in the order drawn, and a digest of all that.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from kloe.core.digest import canonical_json, value_digest
from kloe.core.errors import InvalidInput, NotFound, VerificationFailed
from kloe.core.messages import Message, _
from kloe.core.stats import achieved_margin
from kloe.measures.catalogue import Catalogue, catalogue
from kloe.measures.framing import Drawable, cases, period_of
from kloe.records import sampling
from kloe.records.frames import Frame
from kloe.records.sampling import Sample
from kloe.records.store import RecordSet

FORMAT = "kloe-sample/1"
FOLDER = "samples"
LONGEST_SEED = 200
_SHORT = 8


@dataclass(frozen=True, slots=True)
class Size:
    """How many to draw: a number, or what a margin needs of the cases there are.

    :param margin: half the width of the interval wanted, as a share.
    """

    number: int | None = None
    margin: Decimal | None = None
    confidence: int = 95
    expected: Decimal = Decimal("0.5")

    def of(self, count: int) -> int:
        """How many of so many cases."""
        if self.number is not None:
            return self.number
        return sampling.wanted_size(
            count,
            self.margin or Decimal("0.05"),
            confidence=self.confidence,
            expected=self.expected,
        )

    def as_dict(self) -> dict[str, Any]:
        """For storage."""
        return {
            "number": self.number,
            "margin": None if self.margin is None else str(self.margin),
            "confidence": self.confidence,
            "expected": str(self.expected),
        }


@dataclass(frozen=True, slots=True)
class Kept:
    """A sample as it is kept."""

    id: str
    drawn_at: str
    landlord: str
    as_at: str
    of: str
    drawn_from: Mapping[str, Any]
    data: str
    size: Mapping[str, Any]
    reserve: int
    sample: Sample

    def as_dict(self) -> dict[str, Any]:
        """As in its file, without the digest."""
        return {
            "format": FORMAT,
            "drawn_at": self.drawn_at,
            "landlord": self.landlord,
            "as_at": self.as_at,
            "of": self.of,
            "from": dict(self.drawn_from),
            "data": self.data,
            "size": dict(self.size),
            "reserve": self.reserve,
            "sample": self.sample.as_dict(),
        }

    @property
    def margin(self) -> Decimal | None:
        """What the sample reaches for a rate of a half, as a share; None for no cases."""
        if not self.sample.size:
            return None
        confidence = int(self.size.get("confidence", 95))
        return achieved_margin(self.sample.size, self.sample.cases, confidence=confidence)


def draw(
    records: RecordSet,
    wanted: Drawable,
    size: Size,
    *,
    seed: str | None = None,
    least: int = 0,
    reserve: int = 0,
    now: datetime | None = None,
) -> Kept:
    """Draw a sample; the seed is there before the cases are looked at.

    :raises InvalidInput: for a seed that cannot be written down, or sizes that cannot be.
    """
    seed = sampling.new_seed() if seed is None else seed
    if not seed.strip() or len(seed) > LONGEST_SEED or not seed.isprintable():
        raise InvalidInput(
            _("The seed is “%(seed)s”.", seed=seed[:LONGEST_SEED]),
            _("Letters and digits on one line, at most %(n)d.", n=LONGEST_SEED),
            _("Give another, or leave it out: one is made that nobody chose."),
        )
    if (size.number is not None and size.number < 1) or reserve < 0:
        raise InvalidInput(
            _("A sample of %(n)d cases with %(r)d stand-ins.", n=size.number or 0, r=reserve),
            _("One case or more, and no fewer than 0 stand-ins."),
        )
    found = cases(records, wanted)
    sample = sampling.draw(
        found,
        size.of(len(found)),
        seed=seed,
        frame=str(wanted.words),
        least=least,
        reserve=reserve,
    )
    drawn_at = (now or datetime.now(UTC)).isoformat(timespec="seconds")
    kept = Kept(
        "",
        drawn_at,
        records.landlord,
        records.as_at.isoformat(),
        str(wanted.words),
        wanted.as_dict(),
        wanted.data(records),
        size.as_dict(),
        reserve,
        sample,
    )
    short = value_digest(kept.as_dict())[:_SHORT]
    return _with_id(kept, f"{drawn_at[:10].replace('-', '')}-{short}")


def _with_id(kept: Kept, id: str) -> Kept:
    return Kept(
        id, kept.drawn_at, kept.landlord, kept.as_at, kept.of, kept.drawn_from, kept.data,
        kept.size, kept.reserve, kept.sample,
    )  # fmt: skip


def keep(data: Path, kept: Kept) -> Path:
    """Write a sample's file, whole or not at all."""
    folder = data / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{kept.id}.json"
    raw = kept.as_dict()
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_bytes(canonical_json({**raw, "digest": value_digest(raw)}) + b"\n")
    beside.replace(path)
    return path


def kept_samples(data: Path) -> Iterator[Kept]:
    """Every sample that is kept, the newest first."""
    found = [_read(path) for path in (data / FOLDER).glob("*.json")]
    return iter(sorted(found, key=lambda k: (k.drawn_at, k.id), reverse=True))


def sample_named(data: Path, id: str) -> Kept:
    """A sample by its identifier, or the beginning of it if that is enough.

    :raises NotFound: where there is none.
    :raises InvalidInput: where several begin so.
    """
    files = (data / FOLDER).glob("*.json")
    found = sorted(p for p in files if p.stem.startswith(id.strip()) and id.strip())
    exact = [p for p in found if p.stem == id.strip()]
    if exact or len(found) == 1:
        return _read((exact or found)[0])
    if found:
        raise InvalidInput(
            _("%(n)d samples begin with “%(id)s”.", n=len(found), id=id),
            _("There are: %(all)s.", all=", ".join(p.stem for p in found)),
            _("Give more of it."),
        )
    raise NotFound(
        _("There is no sample “%(id)s”.", id=id),
        "",
        _("“kloe records samples” lists those that are kept."),
    )


def _read(path: Path) -> Kept:
    try:
        raw = json.loads(path.read_bytes())
        digest = raw.pop("digest")
        if raw["format"] != FORMAT:
            raise ValueError(raw["format"])
        kept = Kept(
            path.stem, raw["drawn_at"], raw["landlord"], raw["as_at"], raw["of"], raw["from"],
            raw["data"], raw["size"], int(raw["reserve"]), Sample.from_dict(raw["sample"]),
        )  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidInput(
            _("The sample %(path)s cannot be read (%(error)s).", path=path, error=error),
            _("It has to be of the format %(format)s.", format=FORMAT),
            _("Bring it back from a backup, or remove the file."),
        ) from error
    if value_digest(raw) != digest:
        raise VerificationFailed(
            _("The sample %(path)s is not as it was kept.", path=path),
            _("Its digest does not fit what it holds."),
            _("Bring it back from a backup."),
        )
    return kept


def drawable(kept: Kept, known: Catalogue | None = None) -> Drawable:
    """What a sample was drawn from.

    :raises NotFound: where its measure is not there any more.
    """
    raw = kept.drawn_from
    period = period_of(raw["period"])
    if raw["measure"]:
        source = (known or catalogue()).source(raw["measure"])
        kinds = source.measure.settings
        settings = {n: type(kinds[n].value)(v) for n, v in raw["settings"].items() if n in kinds}
        return Drawable(
            source=source, fault=raw["fault"], period=period, by=raw["by"], settings=settings
        )
    frame = Frame.from_dict(raw["frame"], raw["id"])
    return Drawable(frame=frame, period=period, by=raw["by"])


def again(records: RecordSet, kept: Kept, known: Catalogue | None = None) -> Message:
    """Draw a kept sample again from the records there are; a sentence that it is the same.

    :raises VerificationFailed: where another sample comes of it, saying what has changed.
    """
    wanted = drawable(kept, known)
    found = cases(records, wanted)
    if sampling.redrawn(kept.sample, found):
        return _("Drawn again from %(n)s cases, the same sample comes of it.", n=f"{len(found):,}")
    why = []
    if wanted.data(records) != kept.data:
        why.append(str(_("the records are others than those of %(when)s", when=kept.as_at)))
    if wanted.digest != kept.drawn_from["definition"]:
        why.append(str(_("the definition has changed")))
    why.append(str(_("there were %(a)d cases and are %(b)d", a=kept.sample.cases, b=len(found))))
    raise VerificationFailed(
        _("Drawn again, another sample comes of %(id)s: %(why)s.", id=kept.id, why="; ".join(why)),
        _("The same records, definition and seed give the same sample."),
        _("Name the records it was drawn from with --records DIR."),
    )
