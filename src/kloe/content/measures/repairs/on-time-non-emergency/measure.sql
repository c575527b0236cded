-- One row for each urgent or routine repair completed in the period.
SELECT
    r.landlord,
    p.period_id,
    r.job_ref AS case_ref,
    CASE WHEN CAST(r.completed_at AS DATE) <= CAST(r.target_at AS DATE) THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    CASE WHEN r.target_at IS NULL THEN 'no-target' ELSE NULL END AS excluded,
    r.property_ref,
    r.person_ref,
    r.priority,
    r.trade,
    r.contractor
FROM repair_job AS r
JOIN period AS p ON CAST(r.completed_at AS DATE) BETWEEN p.start_on AND p.end_on
WHERE r.status = 'completed' AND r.priority IN ('urgent', 'routine')
