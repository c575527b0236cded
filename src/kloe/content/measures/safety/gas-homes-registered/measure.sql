-- One row for each home with gas on the last day of the period.
SELECT
    h.landlord,
    p.period_id,
    h.property_ref AS case_ref,
    CASE
        WHEN EXISTS (
            SELECT q.asset_ref
            FROM safety_requirement AS q
            WHERE q.landlord = h.landlord
                AND q.asset_ref = h.property_ref
                AND q.asset_kind = 'property'
                AND q.kind = 'gas'
                AND COALESCE(q.from_on, p.end_on) <= p.end_on
                AND COALESCE(q.to_on, p.end_on) >= p.end_on
        ) THEN 1
        -- Gas burnt in a plant of the building.
        WHEN EXISTS (
            SELECT b.asset_ref
            FROM safety_requirement AS b
            WHERE b.landlord = h.landlord
                AND b.asset_ref = h.block_ref
                AND b.asset_kind = 'block'
                AND b.kind = 'gas'
                AND COALESCE(b.from_on, p.end_on) <= p.end_on
                AND COALESCE(b.to_on, p.end_on) >= p.end_on
        ) THEN 1
        ELSE 0
    END AS numerator,
    1 AS denominator,
    h.property_ref
FROM property AS h
JOIN period AS p
    ON COALESCE(h.acquired_on, p.end_on) <= p.end_on
    AND (h.disposed_on IS NULL OR h.disposed_on > p.end_on)
WHERE h.gas
    AND (h.property_type IS NULL OR h.property_type NOT IN ('garage', 'parking'))
