-- One row for each repair completed in the period.
SELECT
    r.landlord,
    p.period_id,
    r.job_ref AS case_ref,
    CASE
        WHEN NOT r.first_visit_complete THEN 0
        WHEN r.priority = 'emergency' AND r.completed_at > r.target_at THEN 0
        WHEN CAST(r.completed_at AS DATE) > CAST(r.target_at AS DATE) THEN 0
        -- A job reported within the period to put this one right.
        WHEN EXISTS (
            SELECT again.job_ref
            FROM repair_job AS again
            WHERE again.landlord = r.landlord
                AND again.recall_of = r.job_ref
                AND CAST(again.reported_at AS DATE) <= p.end_on
        ) THEN 0
        ELSE 1
    END AS numerator,
    1 AS denominator,
    CASE
        WHEN r.target_at IS NULL THEN 'no-target'
        WHEN r.first_visit_complete IS NULL THEN 'not-recorded'
        ELSE NULL
    END AS excluded,
    r.property_ref,
    r.person_ref,
    r.priority,
    r.trade,
    r.contractor
FROM repair_job AS r
JOIN period AS p ON CAST(r.completed_at AS DATE) BETWEEN p.start_on AND p.end_on
WHERE r.status = 'completed' AND r.priority <> 'planned'
