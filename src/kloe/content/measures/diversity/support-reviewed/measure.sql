-- One row for each plan live on the last day.
SELECT
    s.landlord,
    p.period_id,
    s.plan_ref AS case_ref,
    CASE
        WHEN GREATEST(s.agreed_on, s.last_reviewed_on) > CAST(p.end_on - :months * INTERVAL 1 MONTH AS DATE) THEN 1
        ELSE 0
    END AS numerator,
    1 AS denominator,
    -- Only the last is kept: of the one before nothing is known.
    CASE
        WHEN s.last_reviewed_on > p.end_on AND s.agreed_on <= CAST(p.end_on - :months * INTERVAL 1 MONTH AS DATE) THEN 'reviewed-since'
        ELSE NULL
    END AS excluded,
    s.tenancy_ref
FROM support_plan AS s
JOIN period AS p ON s.agreed_on <= p.end_on
WHERE s.ended_on IS NULL OR s.ended_on > p.end_on
