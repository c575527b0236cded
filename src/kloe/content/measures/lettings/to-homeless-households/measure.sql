-- One row for each letting of the period.
SELECT
    l.landlord,
    p.period_id,
    l.letting_ref AS case_ref,
    CASE WHEN l.homeless_duty THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    CASE WHEN l.renewal THEN 'renewal' ELSE NULL END AS excluded,
    l.property_ref
FROM letting AS l
JOIN period AS p ON l.let_on BETWEEN p.start_on AND p.end_on
