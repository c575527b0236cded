-- One row for each rechargeable repair ordered in the period.
SELECT
    r.landlord,
    p.period_id,
    r.job_ref AS case_ref,
    CASE WHEN r.cost_notice_on <= CAST(r.ordered_at AS DATE) THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    CASE WHEN r.status = 'cancelled' THEN 'cancelled' ELSE NULL END AS excluded,
    r.property_ref,
    r.person_ref
FROM repair_job AS r
JOIN period AS p ON CAST(r.ordered_at AS DATE) BETWEEN p.start_on AND p.end_on
WHERE r.rechargeable
