-- One row for each publication issued in the period and checked for plain language.
SELECT
    b.landlord,
    p.period_id,
    b.publication_ref AS case_ref,
    CASE WHEN b.readability_pass AND b.other_formats THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    CASE WHEN b.readability_checked THEN NULL ELSE 'not-checked' END AS excluded,
    b.kind
FROM publication AS b
JOIN period AS p ON b.issued_on BETWEEN p.start_on AND p.end_on
