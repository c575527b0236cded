-- One row for each case that began in the period.
SELECT
    x.landlord,
    p.period_id,
    x.request_ref AS case_ref,
    CASE WHEN x.closed_at <= x.due_at THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    CASE
        WHEN x.due_at IS NULL THEN 'no-due'
        WHEN x.closed_at IS NULL AND CAST(x.due_at AS DATE) > p.end_on THEN 'not-due'
        ELSE NULL
    END AS excluded,
    x.estate
FROM service_request AS x
JOIN period AS p ON CAST(x.reported_at AS DATE) BETWEEN p.start_on AND p.end_on
WHERE x.kind IN ('graffiti', 'offensive_graffiti', 'fly_tipping', 'vehicle')
