"""Characters no font at hand can print, told by name instead.

PDF/A and PDF/UA refuse a document with an empty box in it. So an emoji becomes ``[grinning
face]`` and a run of letters of a script without a font the script's name; the other formats
keep the characters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable

#: What the fonts of the reports are known to have: Latin and its extensions, Greek, Cyrillic,
#: the punctuation of running text.
_KNOWN = re.compile(
    "[^\x00-\x7e\xa0-\u0131\u0134-\u0149\u014c-\u0165\u0168-\u017e\u0192\u0218-\u021b"
    "\u0386-\u03ce\u0401-\u045f\u1e80-\u1e85\u1ef2\u1ef3"
    "\u200b\u2013\u2014\u2018-\u201a\u201c-\u201e\u2020-\u2022\u2026\u2030\u2039\u203a\u20ac\u2122"
    "\u2190-\u2193\u2212\u2260\u2264\u2265]"
)
#: Marks that belong to the character before them and mean nothing without it.
_FOLLOWERS = "\u200d\ufe0e\ufe0f\u20e3"


def unusual(text: str) -> frozenset[str]:
    """Characters that somebody has to look at: not known to be in a font."""
    return frozenset(_KNOWN.findall(text))


def without(text: str, missing: Iterable[str]) -> str:
    """The text with these characters told by name, those of one script together."""
    chars = frozenset(missing)
    if not chars:
        return text
    run = re.compile(f"[{re.escape(''.join(sorted(chars)))}{_FOLLOWERS}]+")
    return run.sub(_named, text)


def _named(match: re.Match[str]) -> str:
    names = list(dict.fromkeys(filter(None, map(_name, match[0]))))
    return f"[{', '.join(names)}]" if names else ""


def _name(char: str) -> str:
    """A letter's script, a symbol's name; nothing for what only joins or colours."""
    kind = unicodedata.category(char)
    if char in _FOLLOWERS or kind in {"Cc", "Cf", "Cs", "Mn", "Mc", "Me", "Sk"}:
        return ""
    if kind in {"Co", "Cn"}:
        return f"U+{ord(char):04X}"
    name = unicodedata.name(char, f"U+{ord(char):04X}").lower()
    if not kind.startswith("L"):
        return name
    script = name.split(" ")[0].split("-")[0]
    return "CJK" if script == "cjk" else script.title()


def settle(text: str, probe: Callable[[frozenset[str]], frozenset[str]]) -> str:
    """The text as it can be printed; ``probe`` says which of the unusual characters cannot."""
    odd = unusual(text)
    return without(text, probe(odd)) if odd else text
