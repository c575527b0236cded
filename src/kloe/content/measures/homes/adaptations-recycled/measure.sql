-- One row for each home with an adaptation let to a household that does not need it.
SELECT
    l.landlord,
    p.period_id,
    l.letting_ref AS case_ref,
    MAX(CASE WHEN a.recycled THEN 1 ELSE 0 END) AS numerator,
    1 AS denominator,
    CASE
        WHEN l.renewal THEN 'renewal'
        WHEN COUNT(a.recycled) = 0 THEN 'not-recorded'
        ELSE NULL
    END AS excluded,
    l.property_ref
FROM letting AS l
JOIN period AS p ON l.let_on BETWEEN p.start_on AND p.end_on
-- Adaptations made before the home was let.
JOIN adaptation AS a
    ON a.landlord = l.landlord
    AND a.property_ref = l.property_ref
    AND a.completed_on < l.let_on
WHERE l.household_needs_adapted IS FALSE AND a.status = 'completed'
GROUP BY l.landlord, p.period_id, l.letting_ref, l.property_ref, l.renewal
