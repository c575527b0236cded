-- One row for each case opened in the period.
SELECT
    c.landlord,
    p.period_id,
    c.case_ref,
    CASE WHEN MINUTES_BETWEEN(c.opened_at, c.first_contact_at) <= :hours * 60 THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    c.property_ref,
    c.person_ref,
    c.kind
FROM asb_case AS c
JOIN period AS p ON CAST(c.opened_at AS DATE) BETWEEN p.start_on AND p.end_on
WHERE c.kind IN ('hate', 'harassment', 'domestic_abuse')
