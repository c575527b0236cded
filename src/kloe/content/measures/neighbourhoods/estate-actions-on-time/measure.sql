-- One row for each case due in the period.
SELECT
    x.landlord,
    p.period_id,
    x.action_ref AS case_ref,
    CASE WHEN x.closed_on <= x.target_on THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    x.estate
FROM estate_action AS x
JOIN period AS p ON x.target_on BETWEEN p.start_on AND p.end_on
