-- One row for each contact about rents.
SELECT
    c.landlord,
    p.period_id,
    c.contact_ref AS case_ref,
    CASE
        -- Whoever gave up was not answered.
        WHEN c.abandoned THEN 0
        WHEN c.answered_in_s <= c.standard_s THEN 1
        ELSE 0
    END AS numerator,
    1 AS denominator,
    CASE
        WHEN c.standard_s IS NULL THEN 'no-standard'
        WHEN c.abandoned THEN NULL
        WHEN c.answered_in_s IS NULL THEN 'no-time'
        ELSE NULL
    END AS excluded,
    c.person_ref,
    c.channel
FROM contact AS c
JOIN period AS p ON CAST(c.at AS DATE) BETWEEN p.start_on AND p.end_on
WHERE c.enquiry_type = 'rents'
