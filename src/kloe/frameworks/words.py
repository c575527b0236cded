"""The fixed words of a framework: kinds, strands, sides. One place, used by every module."""

from __future__ import annotations

SIDES = ("upper", "lower")
FORMS = ("paired", "upper only", "lower only")
POLARITIES = ("strength", "fault", "mixed", "possible")
NATURES = ("outcome", "practice", "system", "policy")
STRANDS = ("access", "diversity", "service", "value for money", "improvement")
VALUE_FOR_MONEY = "value for money"
WEIGHS = ("cost", "quality")
JUDGEMENTS = ("service", "prospects")
EVIDENCE_KINDS = ("document", "data", "observation", "testimony", "tenant voice")
CHECK_KINDS = (
    "interview",
    "focus group",
    "file check",
    "case tracer",
    "show-me walkthrough",
    "visit",
    "walkabout",
    "mystery shop",
    "observation",
    "document review",
)
INSTRUMENT_KINDS = ("law", "body", "standard", "scheme", "code", "benefit", "term")
# A jurisdiction, and those whose law also holds in it.
JURISDICTIONS = {
    "england": ("england", "great-britain", "uk"),
    "wales": ("wales", "great-britain", "uk"),
    "great-britain": ("great-britain", "uk"),
    "uk": ("uk",),
}
EXTENTS = ("identical", "nearly identical", "partly")

# Positions a criterion of each form offers, worst first. Levels may not fall along them.
POSITIONS = {
    "paired": ("worse", "lower", "between", "upper"),
    "upper only": ("not met", "in part", "met"),
    "lower only": ("so", "in part", "not so"),
}
# Besides, on every criterion: these place nothing.
UNPLACED = ("conflicting", "cannot tell", "not applicable")
# Of these the last leaves the base of coverage; the others stay in it, not placed.
OUT_OF_BASE = ("not applicable",)

# The letter by which the register marks a published text of each column, and a question.
LETTERS = {"upper": "E", "lower": "S", "question": "Q"}
TOP_LEVEL = 4
