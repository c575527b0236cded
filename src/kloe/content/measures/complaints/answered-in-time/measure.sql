-- One row for each stage of a complaint whose answer fell due in the period.
SELECT
    c.landlord,
    p.period_id,
    c.complaint_ref || '/' || c.stage AS case_ref,
    CASE WHEN c.responded_on <= COALESCE(c.extended_to, c.due_on) THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    CASE WHEN c.outcome = 'withdrawn' THEN 'withdrawn' ELSE NULL END AS excluded,
    c.property_ref,
    c.person_ref,
    c.stage,
    c.service_area
FROM complaint AS c
JOIN period AS p ON COALESCE(c.extended_to, c.due_on) BETWEEN p.start_on AND p.end_on
