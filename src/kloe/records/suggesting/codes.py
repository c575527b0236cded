"""Values of a code column set beside our codes: by key, label, abbreviation, initials."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rapidfuzz import fuzz

from kloe.records.layouts import Column
from kloe.records.suggesting.names import flat, likeness, tokens

#: From here a value is mapped without a mark.
CERTAIN = 0.9
#: From here it is proposed at all.
POSSIBLE = 0.62

#: Common ways to write a code that neither its key nor its label shows, by the code's key.
_OTHERWISE: dict[str, tuple[str, ...]] = {
    "house": ("hse", "hou", "house", "terraced", "semi detached", "semi", "detached"),
    "flat": ("flt", "apartment", "apt", "flat"),
    "maisonette": ("mais", "msn", "mai"),
    "bungalow": ("bun", "bung", "bgw"),
    "bedsit": ("bed sit", "studio", "bst", "bedsitter"),
    "garage": ("gar", "grg", "lock up", "lockup"),
    "parking": ("car space", "pkg"),
    "general_needs": ("gn", "general"),
    "supported": ("sup", "sh", "supp"),
    "older": ("sheltered", "older persons", "hop", "retirement", "extra care"),
    "social_rent": ("sr", "social", "soc"),
    "affordable_rent": ("ar", "affordable", "aff"),
    "intermediate_rent": ("ir", "intermediate"),
    "leasehold": ("lh", "lease", "leaseholder"),
    "shared_ownership": ("so", "shared owner"),
    "market_rent": ("mr", "market", "private rent"),
    "occupied": ("occ", "let", "tenanted"),
    "void": ("vacant", "vac", "empty", "vd"),
    "hold": ("decant hold", "regeneration"),
    "disposed": ("sold", "demolished", "dem"),
    "secure": ("sec", "assured", "ass", "secure tenancy", "assured tenancy"),
    "starter": ("intro", "introductory", "int", "probationary", "str"),
    "fixed_term": ("ft", "fix", "flexible", "ast"),
    "licence": ("lic", "licensee"),
    "occupation_contract": ("oc", "occ con", "standard contract"),
    "female": ("f", "fem", "woman", "w"),
    "male": ("m", "man"),
    "not_said": ("refused", "prefer not to say", "pnts", "ref", "declined", "r"),
    "emergency": ("em", "emg", "emer", "p1", "e"),
    "urgent": ("urg", "u", "p2"),
    "routine": ("rou", "rtn", "r", "non urgent", "p3"),
    "planned": ("pln", "pla", "programmed"),
    "completed": ("comp", "cmp", "complete", "closed complete", "done"),
    "cancelled": ("canc", "can", "cnx"),
    "no_access": ("na", "noacc", "carded", "no entry"),
    "open": ("opn", "in progress", "active", "outstanding"),
    "direct_debit": ("dd", "ddr"),
    "standing_order": ("so", "sto"),
    "cash": ("csh",),
    "cheque": ("chq", "check"),
    "shop": ("paypoint", "post office", "allpay", "po"),
    "card": ("debit card", "crd", "telephone payment"),
    "online": ("web", "internet", "portal"),
    "wages": ("payroll", "wage deduction"),
    "hb": ("housing benefit", "hben"),
    "uc": ("universal credit",),
    "uc_apa": ("apa", "managed payment", "uc apa", "alternative payment"),
    "charge": ("chg", "debit", "rent charge", "gross rent", "deb"),
    "payment": ("pay", "receipt", "pmt", "cash receipt"),
    "adjustment": ("adj", "correction", "journal", "jnl"),
    "write_off": ("wo", "woff", "writeoff", "written off"),
    "refund": ("rfd", "ref", "repayment"),
    "rent": ("rnt", "net rent"),
    "service_charge": ("sc", "svc", "serv chg"),
    "support": ("supp charge", "supporting people"),
    "water": ("wat", "water rates"),
    "court_cost": ("crt", "court", "cc"),
    "recharge": ("rech", "rtr"),
    "recharge_repair": ("rech", "rechargeable repair", "rtr"),
    "former": ("fta", "former tenant", "former tenant arrears"),
    "upheld": ("uph", "justified", "yes"),
    "partly": ("part", "partially upheld", "part upheld", "partly upheld"),
    "not_upheld": ("not uph", "nu", "not justified", "unjustified", "rejected"),
    "withdrawn": ("wd", "wdn", "withdrew"),
    "gas": ("lgsr", "cp12", "gas safety", "landlord gas safety record"),
    "electrical": ("eicr", "elec", "ele", "electric"),
    "fire": ("fra", "fire risk"),
    "asbestos": ("asb", "acm"),
    "legionella": ("lra", "leg", "water hygiene"),
    "lift": ("loler", "lifts", "lft"),
    "energy": ("epc",),
    "smoke_co": ("smk", "smoke alarm", "co alarm", "smoke co"),
    "satisfactory": ("sat", "pass", "ok"),
    "unsatisfactory": ("unsat", "uns", "fail", "us"),
    "remedials": ("rem", "pass with remedials", "satisfactory with remedials"),
    "homeless": ("hml", "homelessness", "hl"),
    "nomination": ("nom", "nominated"),
    "transfer": ("trf", "tra", "tfr", "transferred"),
    "exchange": ("mex", "mutual exchange", "mx"),
    "notice": ("ntq", "notice to quit", "tenant notice", "nosp served"),
    "death": ("deceased", "died", "dec"),
    "abandoned": ("abandonment", "abn", "abd"),
    "eviction_arrears": ("evicted arrears", "eviction rent", "evict arrears", "eva"),
    "eviction_asb": ("evicted asb", "eviction nuisance", "evict asb", "evn"),
    "bought": ("rtb", "right to buy", "sold", "purchased"),
    "nosp": ("notice of seeking possession", "notice served", "notice seeking possession"),
    "accepted": ("acc", "accept"),
    "refused": ("rfs", "refuse", "rejected"),
    "telephone": ("tel", "phone", "call"),
    "email": ("e mail", "eml", "mail"),
    "letter": ("ltr", "post", "written"),
    "visit": ("vis", "in person", "face to face", "office"),
    "text_message": ("sms", "text"),
    "social_media": ("facebook", "twitter", "social"),
    "white_british": ("wb", "white uk", "british"),
    "pass": ("p", "compliant", "decent"),
    "fail": ("f", "non compliant", "non decent"),
    "lead": ("main tenant", "main", "first", "primary", "sole"),
    "joint": ("jt", "second tenant", "joint tenant", "jnt"),
    "occupant": ("occ", "household member", "other adult"),
    "property": ("prop", "home", "unit", "dwelling"),
    "block": ("blk", "building"),
    "plumbing": ("plm", "plumber", "plu"),
    "joinery": ("carpentry", "carpenter", "joiner", "crp", "jnr"),
    "heating": ("htg", "gas", "heating engineer"),
    "groundwork": ("ground works", "external works"),
    "glazing": ("glz", "glazier"),
    "roofing": ("rof", "roofer"),
    "plastering": ("pls", "plasterer"),
    "minor": ("min", "small"),
    "major": ("maj", "large"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class CodeMatch:
    """One value of the extract, the code it is taken for, and how far they are alike."""

    value: str
    code: str | None
    certainty: float
    others: tuple[str, ...] = ()

    @property
    def sure(self) -> bool:
        """Whether nobody has to look."""
        return self.code is not None and self.certainty >= CERTAIN


@dataclass(frozen=True, slots=True)
class CodeList:
    """All values of a column beside our codes."""

    matches: tuple[CodeMatch, ...]
    share: float  # of the rows with a value, how many are mapped
    quality: float  # mean certainty of what is mapped, by rows
    variety: int  # distinct codes found

    @property
    def sure(self) -> bool:
        """Whether every value is mapped without a mark."""
        return all(m.sure for m in self.matches)


def match(column: Column, counts: Mapping[str, int], most: int = 80) -> CodeList:
    """Set the values of a column beside the codes of ours."""
    values = sorted(counts, key=lambda v: (-counts[v], v))[:most]
    matches = tuple(_one(column, value) for value in values)
    total = sum(counts.values())
    mapped = [m for m in matches if m.code is not None]
    rows = sum(counts[m.value] for m in mapped)
    quality = sum(counts[m.value] * m.certainty for m in mapped) / rows if rows else 0.0
    return CodeList(matches, rows / total if total else 0.0, quality, len({m.code for m in mapped}))


def _one(column: Column, value: str) -> CodeMatch:
    scored = sorted(
        ((_score(value, code, str(label)), code) for code, label in column.codes.items()),
        key=lambda s: (-s[0], s[1]),
    )
    best, code = scored[0]
    second = scored[1][0] if len(scored) > 1 else 0.0
    if best < POSSIBLE:
        return CodeMatch(value, None, 0.0)
    others = tuple(c for s, c in scored[1:4] if s >= POSSIBLE)
    if best < 1.0 and best - second < 0.06:
        return CodeMatch(value, code, min(best, 0.6) * 0.9, others)
    return CodeMatch(value, code, best, others)


def _score(value: str, code: str, label: str) -> float:
    plain, key, words = flat(value), flat(code), flat(label)
    if not plain:
        return 0.0
    if plain in (key, words):
        return 1.0
    otherwise = [flat(o) for o in _OTHERWISE.get(code, ())]
    if plain in otherwise:
        return 0.95 if len(plain) > 1 else 0.9
    if plain.isdigit():
        return 0.0
    best = 0.0
    if len(plain) >= 3 and (key.startswith(plain) or words.startswith(plain)):
        best = 0.92
    elif len(plain) == 1 and key.startswith(plain):
        best = 0.8
    initials = "".join(t[0] for t in tokens(label))
    if len(plain) >= 2 and plain in (initials, "".join(t[0] for t in tokens(code))):
        best = max(best, 0.85)
    ours = tuple(dict.fromkeys(tokens(code) + tokens(label)))
    theirs = tokens(value)
    if theirs and ours and len(plain) >= 3:
        said = sum(max(_word(t, o) for o in ours) for t in theirs) / len(theirs)
        meant = sum(max(_word(t, o) for t in theirs) for o in tokens(code)) / len(tokens(code))
        best = max(best, 0.9 * min(said, meant) + 0.05 * max(said, meant))
        for other in _OTHERWISE.get(code, ()):
            if len(other) >= 4 and fuzz.ratio(plain, flat(other)) >= 88:
                best = max(best, 0.88)
    if ("not" in theirs or "non" in theirs) != ("not" in ours or "un" in ours or "non" in ours):
        best *= 0.7
    return best


def _word(a: str, b: str) -> float:
    found = likeness(a, b)
    return found if found >= 0.75 else 0.0
