-- One row for each repair completed in the period.
SELECT
    r.landlord,
    p.period_id,
    r.job_ref AS case_ref,
    r.cost AS value,
    CASE WHEN r.cost IS NULL THEN 'no-cost' ELSE NULL END AS excluded,
    r.property_ref,
    r.priority,
    r.trade,
    r.contractor
FROM repair_job AS r
JOIN period AS p ON CAST(r.completed_at AS DATE) BETWEEN p.start_on AND p.end_on
WHERE r.status = 'completed' AND r.priority <> 'planned'
