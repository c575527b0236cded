-- One row for each case closed in the period.
SELECT
    c.landlord,
    p.period_id,
    c.case_ref,
    CASE WHEN c.resolved AND c.closed_on <= c.due_on THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    CASE WHEN c.due_on IS NULL THEN 'no-due' ELSE NULL END AS excluded,
    c.property_ref,
    c.person_ref,
    c.category,
    c.kind
FROM asb_case AS c
JOIN period AS p ON c.closed_on BETWEEN p.start_on AND p.end_on
