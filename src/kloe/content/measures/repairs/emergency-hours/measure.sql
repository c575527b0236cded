-- One row for each emergency repair completed in the period.
SELECT
    r.landlord,
    p.period_id,
    r.job_ref AS case_ref,
    -- Hundredths of an hour to the nearest: five thirds of the minutes. Never below zero, since those are left out.
    CAST((GREATEST(MINUTES_BETWEEN(r.reported_at, r.completed_at), 0) * 5 + 1) // 3 AS DECIMAL(12, 0))
        * CAST(0.01 AS DECIMAL(3, 2)) AS value,
    CASE WHEN r.completed_at < r.reported_at THEN 'before-report' ELSE NULL END AS excluded,
    r.property_ref,
    r.person_ref,
    r.trade,
    r.contractor
FROM repair_job AS r
JOIN period AS p ON CAST(r.completed_at AS DATE) BETWEEN p.start_on AND p.end_on
WHERE r.status = 'completed' AND r.priority = 'emergency'
