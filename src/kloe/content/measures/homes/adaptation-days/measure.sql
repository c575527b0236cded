-- One row for each adaptation completed in the period.
SELECT
    a.landlord,
    p.period_id,
    a.case_ref,
    DATE_DIFF('day', a.requested_on, a.completed_on) AS value,
    a.property_ref,
    a.person_ref,
    a.class,
    a.funding
FROM adaptation AS a
JOIN period AS p ON a.completed_on BETWEEN p.start_on AND p.end_on
WHERE a.status = 'completed'
