-- One row for each newsletter issued in the period.
SELECT
    x.landlord,
    p.period_id,
    x.publication_ref AS case_ref,
    CASE WHEN x.resident_content THEN 1 ELSE 0 END AS numerator,
    1 AS denominator
FROM publication AS x
JOIN period AS p ON x.issued_on BETWEEN p.start_on AND p.end_on
WHERE x.kind = 'newsletter'
