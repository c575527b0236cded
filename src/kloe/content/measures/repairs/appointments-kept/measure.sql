-- One row for each appointment in the period.
SELECT
    r.landlord,
    p.period_id,
    r.job_ref AS case_ref,
    CASE WHEN r.appointment_kept THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    CASE
        WHEN r.status = 'cancelled' THEN 'cancelled'
        WHEN r.appointment_kept IS NULL THEN 'not-recorded'
        ELSE NULL
    END AS excluded,
    r.property_ref,
    r.person_ref,
    r.priority,
    r.contractor
FROM repair_job AS r
JOIN period AS p ON CAST(r.appointment_at AS DATE) BETWEEN p.start_on AND p.end_on
