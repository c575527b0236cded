"""From checked YAML to the compiled form: canonical JSON, whose digest names the edition."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kloe.core.digest import canonical_json
from kloe.core.errors import VerificationFailed
from kloe.core.messages import _
from kloe.frameworks.build import text_keys
from kloe.frameworks.library import FORMAT, TEXTS_FORMAT
from kloe.frameworks.loader import Loaded, read_source
from kloe.frameworks.rules import NEEDS, NONE_AT, NONE_BELOW
from kloe.frameworks.source import FrameworkFaults
from kloe.frameworks.validate import validate

_LADDERS = ("theme", "kloe", "main_question", "overall")


def compiled_mapping(loaded: Loaded) -> dict[str, Any]:
    """The one mapping that holds a framework, of a source without faults."""
    fixed = {name: source.data for name, source in loaded.fixed.items()}
    framework = dict(fixed["framework"])
    framework["overlaps"] = framework.get("overlaps", [])
    framework["kloes"] = [loaded.kloes[number].data for number in framework["kloes"]]
    return {
        "format": FORMAT,
        **framework,
        "rules": _rules(fixed["rules"]),
        "instruments": fixed["instruments"],
        "faults": fixed["faults"],
    }


def _rules(rules: dict[str, Any]) -> dict[str, Any]:
    judgements = {}
    for judgement, data in rules["judgements"].items():
        ladders = {name: _ladder(data[name]) for name in _LADDERS if name in data}
        judgements[judgement] = {**data, **ladders}
    return {**rules, "judgements": judgements}


def _ladder(ladder: dict[str, Any]) -> dict[str, Any]:
    steps = [
        {"grade": step["grade"], "needs": [_need(need) for need in step.get("needs", [])]}
        for step in ladder["steps"]
    ]
    return {"least_coverage": ladder["least_coverage"], "steps": steps}


def _need(need: dict[str, Any]) -> dict[str, Any]:
    kind = next(k for k in NEEDS if k in need)
    made: dict[str, Any] = {"kind": kind}
    if kind == NONE_AT:
        made["level"] = need[kind]
    elif kind == NONE_BELOW:
        made["grade"] = need[kind]
    else:
        made["share"] = need[kind]
    return made | {k: need[k] for k in ("level", "grade", "of") if k in need}


def translations_of(loaded: Loaded, mapping: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Translations by language; a key that names no text becomes a fault."""
    known = set(text_keys(mapping)) if loaded.translations else set()
    found: dict[str, dict[str, str]] = {}
    for language, source in loaded.translations:
        texts = found.setdefault(language, {})
        for key, text in (source.data or {}).items():
            if key not in known:
                source.fault(
                    (key,),
                    _("There is no text “%(key)s” to translate.", key=key),
                    _('Texts are named by identifier: "1.2/3/account-set-up/upper-1".'),
                    _("Correct the identifier, or take the line out."),
                )
            elif key in texts:
                source.fault(
                    (key,),
                    _("The text “%(key)s” is translated in two files.", key=key),
                    "",
                    _("Keep it in one."),
                )
            texts[key] = text
    return found


def load_source(folder: Path) -> tuple[dict[str, Any], dict[str, dict[str, str]]]:
    """The compiled mapping of a source folder, and its translations by language.

    :raises FrameworkFaults: (an ``InvalidInput``) with every fault, each naming file, line
        and remedy.
    """
    loaded = read_source(folder)
    validate(loaded)
    if loaded.faults:
        raise FrameworkFaults(loaded.faults)
    mapping = compiled_mapping(loaded)
    translations = translations_of(loaded, mapping)
    if loaded.faults:
        raise FrameworkFaults(loaded.faults)
    return mapping, translations


def compile_source(folder: Path) -> dict[str, bytes]:
    """Compiled files by name (``<id>.json``, ``<id>.cy.json``) of a source folder.

    :raises FrameworkFaults: with every fault of the source.
    """
    mapping, translations = load_source(folder)
    id = mapping["id"]
    made = {f"{id}.json": canonical_json(mapping) + b"\n"}
    for language, texts in sorted(translations.items()):
        part = {"format": TEXTS_FORMAT, "framework": id, "language": language, "texts": texts}
        made[f"{id}.{language}.json"] = canonical_json(part) + b"\n"
    return made


def write_compiled(folder: Path, target: Path) -> list[Path]:
    """Compile a source folder into ``target``; give the files that changed."""
    made = compile_source(folder)
    changed = []
    for name, data in made.items():
        path = target / name
        if not path.is_file() or path.read_bytes() != data:
            path.write_bytes(data)
            changed.append(path)
    for path in target.glob(f"{folder.name}.*.json"):
        if path.name not in made:
            path.unlink()
            changed.append(path)
    return changed


def verify_compiled(folder: Path, target: Path) -> None:
    """Hold the compiled files in ``target`` against the source.

    :raises VerificationFailed: where they are not what the source compiles to.
    """
    made = compile_source(folder)
    old = {p.name for p in target.glob(f"{folder.name}.*.json")} - made.keys()
    stale = sorted(
        old
        | {
            n
            for n, d in made.items()
            if not (target / n).is_file() or (target / n).read_bytes() != d
        }
    )
    if stale:
        raise VerificationFailed(
            _("Not what the source compiles to: %(files)s.", files=", ".join(stale)),
            _("Compiled files are kept up to date with their source."),
            _("Run “kloe frameworks compile”."),
        )
