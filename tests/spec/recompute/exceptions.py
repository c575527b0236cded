"""What is not recomputed yet, and what tells little on generated records, with the reasons."""

from __future__ import annotations

#: Measures, or whole areas, without a recomputation. Has to be empty in the end.
NOT_YET: dict[str, str] = {
    "integrity": "the measures themselves are being written",
}

#: Rates that are not between 0 and 100 per cent, distributions of a single value and the like.
FLAT: dict[str, str] = {
    "homes/adaptations-recycled": "no adapted home let again without need among so few",
    "improvement/actions-funded": "few actions need money, and each has it",
    "involvement/days-since-survey": "one survey, the last, by its nature",
    "involvement/newsletters-with-residents": "few newsletters, all with something by residents",
    "involvement/survey-sample-size": "one survey of all tenants a year",
    "money/gains-without-loss-of-quality": "few gains name an indicator of quality, none lost any",
    "money/leaseholder-works-recovered": "few bills of works in a year, all paid",
    "money/procurements-with-residents": "few large contracts in a year, all with residents",
    "money/spend-attributed": "every line of spending names its activity",
    "lettings/empty-over-six-months": "few homes are empty at the end, none for so long",
    "neighbourhoods/complainants-kept-informed": "no case is old and open at the end of the year",
    "neighbourhoods/evictions-for-asb": "evictions are rare",
    "neighbourhoods/offensive-graffiti-removed": "few reports, all dealt with within a day",
    "neighbourhoods/victim-support-offered": "few cases, support was offered in all",
    "rents/collection-rate": "what is paid towards earlier arrears takes it past 100 %",
    "rents/personal-contact-before-notice": "few get notice, all were spoken to",
    "rents/service-charge-income-to-cost": "schemes together charged more than they cost",
    "safety/gas-homes-registered": "every home with gas is on the list, as made",
    "safety/hazards-emergency": "a single emergency in so small a stock",
    "safety/hazards-works-started": "twelve weeks are long; all works began in time",
    "tenancies/unauthorised-occupation-days": "one case ended in the year",
}
