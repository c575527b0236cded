-- One row for each repair of two or more trades completed in the period.
SELECT
    r.landlord,
    p.period_id,
    r.job_ref AS case_ref,
    CASE WHEN r.visits = 1 THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    CASE WHEN r.visits IS NULL THEN 'not-recorded' ELSE NULL END AS excluded,
    r.property_ref,
    r.contractor,
    r.priority
FROM repair_job AS r
JOIN period AS p ON CAST(r.completed_at AS DATE) BETWEEN p.start_on AND p.end_on
WHERE r.trades >= 2 AND r.status = 'completed' AND r.priority <> 'planned'
