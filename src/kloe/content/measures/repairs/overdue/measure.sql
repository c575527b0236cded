-- One row for each repair open on the last day of the period.
SELECT
    r.landlord,
    p.period_id,
    r.job_ref AS case_ref,
    CASE WHEN CAST(r.target_at AS DATE) < p.end_on THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    CASE
        WHEN r.status = 'no_access' AND r.completed_at IS NULL THEN 'no-access'
        WHEN r.target_at IS NULL THEN 'no-target'
        ELSE NULL
    END AS excluded,
    r.property_ref,
    r.person_ref,
    r.priority,
    r.trade,
    r.contractor
FROM repair_job AS r
JOIN period AS p
    ON CAST(r.reported_at AS DATE) <= p.end_on
    AND (r.completed_at IS NULL OR CAST(r.completed_at AS DATE) > p.end_on)
WHERE r.status <> 'cancelled' AND r.priority <> 'planned'
