-- One row for each case due in the period.
SELECT
    x.landlord,
    p.period_id,
    x.appeal_ref AS case_ref,
    CASE WHEN x.decided_on <= x.due_on THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    x.outcome
FROM appeal AS x
JOIN period AS p ON x.due_on BETWEEN p.start_on AND p.end_on
