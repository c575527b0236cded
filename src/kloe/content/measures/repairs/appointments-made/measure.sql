-- One row for each repair completed in the period that can be done by appointment.
SELECT
    r.landlord,
    p.period_id,
    r.job_ref AS case_ref,
    CASE WHEN r.appointment_at IS NOT NULL THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    CASE WHEN r.appointable IS NULL THEN 'not-known' ELSE NULL END AS excluded,
    r.property_ref,
    r.person_ref,
    r.priority
FROM repair_job AS r
JOIN period AS p ON CAST(r.completed_at AS DATE) BETWEEN p.start_on AND p.end_on
WHERE r.appointable IS NOT FALSE AND r.status = 'completed'
