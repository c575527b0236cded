-- One row for each case, by the last day on which an assessment was in time.
SELECT
    x.landlord,
    p.period_id,
    x.case_ref AS case_ref,
    CASE WHEN x.risk_assessed_on <= CAST(x.opened_at AS DATE) + :days THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    x.kind,
    x.category
FROM asb_case AS x
JOIN period AS p ON CAST(x.opened_at AS DATE) + :days BETWEEN p.start_on AND p.end_on
