-- One row for each case opened in the period.
SELECT
    x.landlord,
    p.period_id,
    x.case_ref AS case_ref,
    CASE WHEN x.victim_support_offered THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    x.kind
FROM asb_case AS x
JOIN period AS p ON CAST(x.opened_at AS DATE) BETWEEN p.start_on AND p.end_on
