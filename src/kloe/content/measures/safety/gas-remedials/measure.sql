-- One row for each job that follows from a gas safety check, by the day it was due.
SELECT
    r.landlord,
    p.period_id,
    r.job_ref AS case_ref,
    CASE WHEN CAST(r.completed_at AS DATE) <= CAST(r.target_at AS DATE) THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    CASE
        WHEN r.status = 'cancelled' THEN 'cancelled'
        WHEN r.target_at IS NULL THEN 'no-target'
        ELSE NULL
    END AS excluded,
    r.property_ref,
    r.priority,
    r.contractor
FROM repair_job AS r
JOIN period AS p ON CAST(COALESCE(r.target_at, r.reported_at) AS DATE) BETWEEN p.start_on AND p.end_on
JOIN compliance_certificate AS c
    ON c.landlord = r.landlord
    AND c.certificate_ref = r.remedial_of
    AND c.kind = 'gas'
