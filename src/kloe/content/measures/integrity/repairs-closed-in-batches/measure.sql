-- One row for each repair completed in the period. Seconds differ even where a system closes jobs
-- one after the other at a stroke, so jobs are counted by the minute.
WITH closed AS (
    SELECT
        c.landlord,
        c.job_ref,
        CAST(c.completed_at AS DATE) AS day,
        EXTRACT(HOUR FROM c.completed_at) AS hour_no,
        EXTRACT(MINUTE FROM c.completed_at) AS minute_no
    FROM repair_job AS c
),

minutes AS (
    SELECT
        m.landlord,
        m.job_ref,
        m.day,
        m.hour_no,
        m.minute_no,
        COUNT(*) OVER (PARTITION BY m.landlord, m.day, m.hour_no, m.minute_no) AS jobs
    FROM closed AS m
)

SELECT
    x.landlord,
    p.period_id,
    x.job_ref AS case_ref,
    CASE WHEN x.jobs >= :jobs THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    CASE WHEN x.hour_no = 0 AND x.minute_no = 0 THEN 'no-time' ELSE NULL END AS excluded
FROM minutes AS x
JOIN period AS p ON x.day BETWEEN p.start_on AND p.end_on
