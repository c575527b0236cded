-- One row for each case of the period.
SELECT
    x.landlord,
    p.period_id,
    x.case_ref AS case_ref,
    CASE WHEN x.reason = 'other' THEN 1 ELSE 0 END AS numerator,
    1 AS denominator
FROM arrears_case AS x
JOIN period AS p ON x.opened_on BETWEEN p.start_on AND p.end_on
WHERE x.reason IS NOT NULL
