-- One row for each repair completed in the period.
WITH minutes AS (
    SELECT
        m.landlord,
        m.job_ref,
        CAST(m.completed_at AS DATE) AS day,
        COUNT(*) OVER (PARTITION BY m.landlord, m.completed_at) AS jobs
    FROM repair_job AS m
)

SELECT
    x.landlord,
    p.period_id,
    x.job_ref AS case_ref,
    CASE WHEN x.jobs >= :jobs THEN 1 ELSE 0 END AS numerator,
    1 AS denominator
FROM minutes AS x
JOIN period AS p ON x.day BETWEEN p.start_on AND p.end_on
