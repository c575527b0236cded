"""People seen are told so that nobody can be picked out, whoever they are and however many."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kloe.assessment.checks.people import LEAST, Group, told
from kloe.assessment.checks.words import PeopleRole

SEEN = st.lists(
    st.tuples(
        st.sampled_from([r.value for r in PeopleRole]),
        st.sampled_from(["", "Bryn Glas", "older", "young", "  older "]),
        st.integers(0, 14),
    ),
    max_size=25,
)


@given(SEEN)
def test_no_group_is_small_and_nobody_is_lost(seen: list[tuple[str, str, int]]) -> None:
    groups = told(seen)
    total = sum(n for _r, _g, n in seen)
    if total >= LEAST:
        assert all(g.count is not None and g.count >= LEAST for g in groups)
        assert sum(g.count or 0 for g in groups) == total
    elif total:
        (only,) = groups
        assert only.count is None
        assert only.group == ""
    else:
        assert groups == ()


@given(SEEN)
def test_a_group_that_is_named_is_told_as_it_is(seen: list[tuple[str, str, int]]) -> None:
    """A role or group is named only where everybody counted in it is of it."""
    counts: dict[tuple[str, str], int] = {}
    roles: dict[str, int] = {}
    for role, group, n in seen:
        key = (role, " ".join(group.split()))
        counts[key] = counts.get(key, 0) + n
        roles[role] = roles.get(role, 0) + n
    for g in told(seen):
        if g.count is None:
            continue
        if g.role and g.group:
            assert counts[(g.role, g.group)] == g.count
        elif g.role:
            assert g.count <= roles[g.role]


@given(SEEN)
def test_the_order_of_writing_down_tells_nothing(seen: list[tuple[str, str, int]]) -> None:
    assert told(seen) == told(list(reversed(seen)))


def test_small_groups_join_those_of_their_role_before_others() -> None:
    assert told([("tenant", "older", 7), ("tenant", "young", 2), ("tenant", "", 3)]) == (
        Group("tenant", "older", 7),
        Group("tenant", "", 5),
    )
    assert told([("tenant", "older", 7), ("tenant", "young", 2)]) == (Group("tenant", "", 9),)
    assert told([("tenant", "", 9), ("manager", "", 1)]) == (Group("", "", 10),)
    assert told([("manager", "", 1), ("staff", "", 4)]) == (Group("", "", 5),)
    assert told([("manager", "", 1)]) == (Group("manager", "", None),)
