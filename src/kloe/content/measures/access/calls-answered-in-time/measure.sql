-- One row for each telephone call of the period.
SELECT
    c.landlord,
    p.period_id,
    c.contact_ref AS case_ref,
    CASE WHEN c.abandoned IS NOT TRUE AND c.answered_in_s <= c.standard_s THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    CASE WHEN c.standard_s IS NULL THEN 'no-standard' ELSE NULL END AS excluded,
    c.person_ref,
    c.enquiry_type
FROM contact AS c
JOIN period AS p ON CAST(c.at AS DATE) BETWEEN p.start_on AND p.end_on
WHERE c.channel = 'telephone'
