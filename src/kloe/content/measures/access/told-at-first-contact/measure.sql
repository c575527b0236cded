-- One row for each contact of the period.
SELECT
    x.landlord,
    p.period_id,
    x.contact_ref AS case_ref,
    CASE WHEN x.outcome_told THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    x.channel
FROM contact AS x
JOIN period AS p ON CAST(x.at AS DATE) BETWEEN p.start_on AND p.end_on
