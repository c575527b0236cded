-- One row for each home let by choice in the period.
SELECT
    l.landlord,
    p.period_id,
    l.letting_ref AS case_ref,
    l.bids AS numerator,
    1 AS denominator,
    CASE WHEN l.bids IS NULL THEN 'not-known' ELSE NULL END AS excluded,
    l.property_ref
FROM letting AS l
JOIN period AS p ON l.let_on BETWEEN p.start_on AND p.end_on
WHERE l.cbl
