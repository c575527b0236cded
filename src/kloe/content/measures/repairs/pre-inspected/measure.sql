-- One row for each repair ordered in the period.
SELECT
    r.landlord,
    p.period_id,
    r.job_ref AS case_ref,
    CASE WHEN r.pre_inspected THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    CASE
        WHEN r.status = 'cancelled' THEN 'cancelled'
        WHEN r.pre_inspected IS NULL THEN 'not-recorded'
        ELSE NULL
    END AS excluded,
    r.property_ref,
    r.trade,
    r.priority
FROM repair_job AS r
JOIN period AS p ON CAST(r.ordered_at AS DATE) BETWEEN p.start_on AND p.end_on
WHERE r.priority <> 'planned'
