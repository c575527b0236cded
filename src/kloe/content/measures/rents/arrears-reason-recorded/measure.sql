-- One row for each arrears case that opens in the period.
SELECT
    c.landlord,
    p.period_id,
    c.case_ref,
    CASE WHEN c.reason IS NOT NULL THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    c.reason
FROM arrears_case AS c
JOIN period AS p ON c.opened_on BETWEEN p.start_on AND p.end_on
