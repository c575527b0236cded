"""What tells little on generated records, with the reasons."""

from __future__ import annotations

#: Rates that are not between 0 and 100 per cent, distributions of a single value and the like.
FLAT: dict[str, str] = {
    "homes/adaptations-completed": "few were due in the year, all were completed",
    "homes/adaptations-recycled": "no adapted home let again without need among so few",
    "involvement/days-since-survey": "one survey, the last, by its nature",
    "involvement/newsletters-issued": "four in the year, each near its day",
    "involvement/survey-sample-size": "one survey of all tenants a year",
    "money/procurements-with-residents": "few large contracts in a year, all with residents",
    "lettings/hard-to-let-acted-on": "two or three homes a year are hard to let",
    "lettings/empty-over-six-months": "few homes are empty at the end, none for so long",
    "neighbourhoods/complainants-kept-informed": "no case is old and open at the end of the year",
    "rents/service-charge-income-to-cost": "schemes together charged more than they cost",
}
