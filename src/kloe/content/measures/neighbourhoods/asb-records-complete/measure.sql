-- One row for each case closed in the period. Blanks are no place.
SELECT
    c.landlord,
    p.period_id,
    c.case_ref,
    CASE
        WHEN c.kind IS NOT NULL AND c.outcome IS NOT NULL AND TRIM(c.location) <> '' THEN 1
        ELSE 0
    END AS numerator,
    1 AS denominator,
    c.category
FROM asb_case AS c
JOIN period AS p ON c.closed_on BETWEEN p.start_on AND p.end_on
