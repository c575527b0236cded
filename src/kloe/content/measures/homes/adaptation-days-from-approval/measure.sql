-- One row for each adaptation completed in the period.
SELECT
    a.landlord,
    p.period_id,
    a.case_ref,
    DATE_DIFF('day', a.approved_on, a.completed_on) AS value,
    CASE
        WHEN a.approved_on IS NULL THEN 'no-approval'
        WHEN a.approved_on > a.completed_on THEN 'after-completion'
        ELSE NULL
    END AS excluded,
    a.property_ref,
    a.person_ref,
    a.class,
    a.funding
FROM adaptation AS a
JOIN period AS p ON a.completed_on BETWEEN p.start_on AND p.end_on
WHERE a.status = 'completed'
