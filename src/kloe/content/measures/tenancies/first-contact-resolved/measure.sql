-- One row for each enquiry about a tenancy.
SELECT
    x.landlord,
    p.period_id,
    x.contact_ref AS case_ref,
    CASE WHEN x.resolved_first THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    x.channel
FROM contact AS x
JOIN period AS p ON CAST(x.at AS DATE) BETWEEN p.start_on AND p.end_on
WHERE x.enquiry_type = 'tenancy'
