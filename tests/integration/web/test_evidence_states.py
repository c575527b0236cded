# ruff: noqa: F811
"""What a criterion comes to: each write refreshes one row, and rebuilding changes nothing."""

from __future__ import annotations

from typing import Any

import pytest
from evidence_ground import CONTACT, SETUP, STATEMENTS, ground  # noqa: F401

from kloe.web.assessments import states
from kloe.web.assessments.models import CriterionState

FIELDS = ("criterion", "theme", *states.FIELDS)


def rows(assessment: Any) -> list[Any]:
    return list(
        CriterionState.objects.filter(assessment=assessment).order_by("criterion").values(*FIELDS)
    )


@pytest.mark.parametrize(("position", "statements"), [("upper", 2), (None, 3)])
def test_refreshing_costs_a_fixed_number_of_queries(
    ground: Any, django_assert_num_queries: Any, position: Any, statements: int
) -> None:
    states.refresh(ground.assessment, SETUP)
    with django_assert_num_queries(statements):
        states.refresh(ground.assessment, SETUP, position=position)
