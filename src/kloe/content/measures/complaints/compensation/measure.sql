-- One row for each stage of a complaint that was paid compensation.
SELECT
    c.landlord,
    p.period_id,
    c.complaint_ref || '/' || c.stage AS case_ref,
    c.compensation AS value,
    c.category
FROM complaint AS c
JOIN period AS p ON c.responded_on BETWEEN p.start_on AND p.end_on
WHERE c.compensation > 0 AND c.outcome IN ('upheld', 'partly')
