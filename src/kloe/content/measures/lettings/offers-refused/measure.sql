-- One row for each offer answered in the period.
SELECT
    o.landlord,
    p.period_id,
    o.offer_ref AS case_ref,
    CASE WHEN o.result = 'refused' THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    o.property_ref
FROM offer AS o
JOIN period AS p ON COALESCE(o.decided_on, o.offered_on) BETWEEN p.start_on AND p.end_on
WHERE o.result IN ('accepted', 'refused')
