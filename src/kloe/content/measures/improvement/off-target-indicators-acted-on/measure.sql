-- One row for each indicator off its target. The financial year is the one the period's first
-- day lies in, named by the calendar year in which it begins.
SELECT
    v.landlord,
    p.period_id,
    v.indicator_ref AS case_ref,
    CASE
        WHEN EXISTS (
            SELECT a.action_ref
            FROM action AS a
            WHERE
                a.landlord = v.landlord
                AND a.indicator_ref = v.indicator_ref
                AND a.made_on <= p.end_on
                AND (a.done_on IS NULL OR a.done_on >= p.start_on)
        ) THEN 1
        ELSE 0
    END AS numerator,
    1 AS denominator
FROM indicator_value AS v
JOIN period AS p ON v.year = EXTRACT(YEAR FROM CAST(p.start_on - INTERVAL 3 MONTH AS DATE))
WHERE
    (v.direction = 'higher' AND v.value < v.target)
    OR (v.direction = 'lower' AND v.value > v.target)
