-- One row for each letting that needed a risk assessment.
SELECT
    l.landlord,
    p.period_id,
    l.letting_ref AS case_ref,
    CASE WHEN l.risk_assessed_on <= l.let_on THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    l.property_ref
FROM letting AS l
JOIN period AS p ON l.let_on BETWEEN p.start_on AND p.end_on
WHERE l.risk_flagged
