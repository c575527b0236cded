-- One row for each report in the period.
SELECT
    s.landlord,
    p.period_id,
    s.request_ref AS case_ref,
    CASE WHEN MINUTES_BETWEEN(s.reported_at, s.closed_at) <= :hours * 60 THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    s.estate
FROM service_request AS s
JOIN period AS p ON CAST(s.reported_at AS DATE) BETWEEN p.start_on AND p.end_on
WHERE s.kind = 'offensive_graffiti'
