"""The best one-to-one assignment (the Hungarian method, with potentials)."""

from __future__ import annotations

from collections.abc import Sequence


def assign(scores: Sequence[Sequence[float]], least: float) -> dict[int, int]:
    """For each row at most one column, so that the scores together are highest.

    :param scores: rows by columns, from 0 to 1.
    :param least: what a pair has to score to be worth more than none.
    """
    rows = len(scores)
    if rows == 0 or not scores[0]:
        return {}
    wide = len(scores[0])
    # Each row may also take a place of its own that stands for "none".
    total = wide + rows

    def cost(i: int, j: int) -> float:
        if j < wide:
            return -scores[i][j] if scores[i][j] >= least else 1.0
        return -least

    row_gain = [0.0] * (rows + 1)
    column_gain = [0.0] * (total + 1)
    taken = [0] * (total + 1)
    way = [0] * (total + 1)
    for row in range(1, rows + 1):
        taken[0] = row
        at = 0
        least_cost = [float("inf")] * (total + 1)
        used = [False] * (total + 1)
        while taken[at]:
            used[at] = True
            now, step, goal = taken[at], float("inf"), 0
            for j in range(1, total + 1):
                if used[j]:
                    continue
                reduced = cost(now - 1, j - 1) - row_gain[now] - column_gain[j]
                if reduced < least_cost[j]:
                    least_cost[j], way[j] = reduced, at
                if least_cost[j] < step:
                    step, goal = least_cost[j], j
            for j in range(total + 1):
                if used[j]:
                    row_gain[taken[j]] += step
                    column_gain[j] -= step
                else:
                    least_cost[j] -= step
            at = goal
        while at:
            before = way[at]
            taken[at] = taken[before]
            at = before
    return {
        taken[j] - 1: j - 1
        for j in range(1, wide + 1)
        if taken[j] and scores[taken[j] - 1][j - 1] >= least
    }
