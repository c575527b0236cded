-- One row for each case of the period.
SELECT
    x.landlord,
    p.period_id,
    x.job_ref AS case_ref,
    CASE WHEN x.completed_at < TIMESTAMP '1950-01-01 00:00:00' THEN 1 ELSE 0 END AS numerator,
    1 AS denominator
FROM repair_job AS x
JOIN period AS p ON CAST(x.reported_at AS DATE) BETWEEN p.start_on AND p.end_on
WHERE x.completed_at IS NOT NULL
