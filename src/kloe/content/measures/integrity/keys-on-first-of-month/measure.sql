-- One row for each case of the period.
SELECT
    x.landlord,
    p.period_id,
    x.void_ref AS case_ref,
    CASE WHEN EXTRACT(DAY FROM x.keys_in_on) = 1 THEN 1 ELSE 0 END AS numerator,
    1 AS denominator
FROM void AS x
JOIN period AS p ON x.ended_on BETWEEN p.start_on AND p.end_on
WHERE x.keys_in_on IS NOT NULL
