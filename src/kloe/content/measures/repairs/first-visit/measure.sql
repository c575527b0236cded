-- One row for each repair completed in the period.
SELECT
    r.landlord,
    p.period_id,
    r.job_ref AS case_ref,
    -- What is said of the first visit goes before the number of visits.
    CASE
        WHEN r.first_visit_complete THEN 1
        WHEN r.first_visit_complete IS NULL AND r.visits <= 1 THEN 1
        ELSE 0
    END AS numerator,
    1 AS denominator,
    CASE WHEN r.first_visit_complete IS NULL AND r.visits IS NULL THEN 'not-recorded' ELSE NULL END AS excluded,
    r.property_ref,
    r.person_ref,
    r.priority,
    r.trade,
    r.contractor
FROM repair_job AS r
JOIN period AS p ON CAST(r.completed_at AS DATE) BETWEEN p.start_on AND p.end_on
WHERE r.status = 'completed' AND r.priority <> 'planned'
