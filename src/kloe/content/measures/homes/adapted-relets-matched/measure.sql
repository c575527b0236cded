-- One row for each adapted home newly let in the period.
SELECT
    l.landlord,
    p.period_id,
    l.letting_ref AS case_ref,
    CASE WHEN l.household_needs_adapted THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    CASE
        WHEN l.renewal THEN 'renewal'
        WHEN l.household_needs_adapted IS NULL THEN 'not-recorded'
        ELSE NULL
    END AS excluded,
    l.property_ref
FROM letting AS l
JOIN period AS p ON l.let_on BETWEEN p.start_on AND p.end_on
JOIN property AS h ON h.landlord = l.landlord AND h.property_ref = l.property_ref
WHERE h.adapted
