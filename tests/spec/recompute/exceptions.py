"""What is not recomputed yet, and what tells little on generated records, with the reasons."""

from __future__ import annotations

#: Measures, or whole areas, without a recomputation. Has to be empty in the end.
NOT_YET: dict[str, str] = {
    "diversity": "being written",
    "homes": "being written",
    "improvement": "being written",
    "integrity": "the measures themselves are being written",
    "lettings": "the measures themselves are being written",
    "money": "being written",
    "neighbourhoods": "being written",
    "repairs": "being written",
    "safety": "being written",
    "tenancies": "being written",
}

#: Rates that are not between 0 and 100 per cent, distributions of a single value and the like.
FLAT: dict[str, str] = {
    "involvement/days-since-survey": "one survey, the last, by its nature",
    "involvement/newsletters-with-residents": "few newsletters, all with something by residents",
    "involvement/survey-sample-size": "one survey of all tenants a year",
    "rents/collection-rate": "what is paid towards earlier arrears takes it past 100 %",
    "rents/personal-contact-before-notice": "few get notice, all were spoken to",
    "rents/service-charge-income-to-cost": "schemes together charged more than they cost",
}
