-- One row for each offer refused in the period.
SELECT
    o.landlord,
    p.period_id,
    o.offer_ref AS case_ref,
    CASE WHEN o.refusal_reason IS NULL OR o.refusal_reason = 'other' THEN 0 ELSE 1 END AS numerator,
    1 AS denominator,
    o.property_ref
FROM offer AS o
JOIN period AS p ON COALESCE(o.decided_on, o.offered_on) BETWEEN p.start_on AND p.end_on
WHERE o.result = 'refused'
