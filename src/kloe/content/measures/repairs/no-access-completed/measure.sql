-- One row for each repair that met with no access, counted when its days have run out.
SELECT
    r.landlord,
    p.period_id,
    r.job_ref AS case_ref,
    CASE WHEN CAST(r.completed_at AS DATE) BETWEEN r.no_access_on AND r.no_access_on + :days
        THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    CASE WHEN r.status = 'cancelled' THEN 'cancelled' ELSE NULL END AS excluded,
    r.property_ref,
    r.person_ref,
    r.priority
FROM repair_job AS r
JOIN period AS p ON r.no_access_on + :days BETWEEN p.start_on AND p.end_on
