-- One row for each repair reported in the period.
SELECT
    r.landlord,
    p.period_id,
    r.job_ref AS case_ref,
    CASE
        WHEN r.target_at IS NOT NULL
            AND CAST(r.target_set_at AS DATE) <= CAST(r.reported_at AS DATE) THEN 1
        ELSE 0
    END AS numerator,
    1 AS denominator,
    CASE
        WHEN r.status = 'cancelled' THEN 'cancelled'
        WHEN r.target_at IS NOT NULL AND r.target_set_at IS NULL THEN 'set-day-unknown'
        ELSE NULL
    END AS excluded,
    r.property_ref,
    r.person_ref,
    r.priority
FROM repair_job AS r
JOIN period AS p ON CAST(r.reported_at AS DATE) BETWEEN p.start_on AND p.end_on
WHERE r.priority <> 'planned'
