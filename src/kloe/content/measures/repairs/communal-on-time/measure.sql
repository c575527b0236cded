-- One row for each repair to shared parts completed in the period.
SELECT
    r.landlord,
    p.period_id,
    r.job_ref AS case_ref,
    -- Targets are held to by the clock; those of days, to the end of their day.
    CASE
        WHEN r.completed_at <= r.target_at THEN 1
        WHEN r.priority <> 'emergency' AND CAST(r.completed_at AS DATE) <= CAST(r.target_at AS DATE) THEN 1
        ELSE 0
    END AS numerator,
    1 AS denominator,
    CASE WHEN r.target_at IS NULL THEN 'no-target' ELSE NULL END AS excluded,
    r.priority,
    r.contractor
FROM repair_job AS r
JOIN period AS p ON CAST(r.completed_at AS DATE) BETWEEN p.start_on AND p.end_on
WHERE r.communal AND r.status = 'completed' AND r.priority <> 'planned'
