-- One row for each repair completed in the period, with what it cost.
SELECT
    r.landlord,
    p.period_id,
    r.job_ref AS case_ref,
    CASE WHEN r.priority = 'emergency' THEN r.cost ELSE 0 END AS numerator,
    r.cost AS denominator,
    CASE WHEN r.cost IS NULL THEN 'no-cost' ELSE NULL END AS excluded,
    r.property_ref,
    r.trade,
    r.contractor
FROM repair_job AS r
JOIN period AS p ON CAST(r.completed_at AS DATE) BETWEEN p.start_on AND p.end_on
WHERE r.status = 'completed' AND r.priority <> 'planned'
