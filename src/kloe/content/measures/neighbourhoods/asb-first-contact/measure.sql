-- One row for each case that began in the period.
SELECT
    x.landlord,
    p.period_id,
    x.case_ref AS case_ref,
    CASE WHEN x.first_contact_at <= x.first_contact_due_at THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    CASE WHEN x.first_contact_due_at IS NULL THEN 'no-due' ELSE NULL END AS excluded,
    x.property_ref,
    x.person_ref,
    x.category
FROM asb_case AS x
JOIN period AS p ON CAST(x.opened_at AS DATE) BETWEEN p.start_on AND p.end_on
