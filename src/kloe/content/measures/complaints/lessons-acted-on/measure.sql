-- One row for each stage at which a complaint was upheld.
SELECT
    c.landlord,
    p.period_id,
    c.complaint_ref || '/' || c.stage AS case_ref,
    CASE
        WHEN EXISTS (
            SELECT a.action_ref
            FROM action AS a
            WHERE
                a.landlord = c.landlord
                AND a.action_ref = c.learning_action_ref
                AND a.done_on <= p.end_on
        ) THEN 1
        ELSE 0
    END AS numerator,
    1 AS denominator,
    c.service_area
FROM complaint AS c
JOIN period AS p ON c.responded_on BETWEEN p.start_on AND p.end_on
WHERE c.outcome IN ('upheld', 'partly')
