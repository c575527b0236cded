-- One row for each home on the last day of the period.
SELECT
    h.landlord,
    p.period_id,
    h.property_ref AS case_ref,
    -- Where asbestos was found or is presumed, it has to be looked at again in time.
    MIN(
        CASE
            WHEN a.record_ref IS NULL THEN 0
            WHEN a.finding <> 'none' AND (a.reinspect_due IS NULL OR a.reinspect_due < p.end_on) THEN 0
            ELSE 1
        END
    ) AS numerator,
    1 AS denominator,
    CASE
        WHEN h.build_year >= :year THEN 'built-later'
        WHEN h.property_type IS NULL THEN 'type-unknown'
        ELSE NULL
    END AS excluded,
    h.property_ref
FROM property AS h
JOIN period AS p
    ON COALESCE(h.acquired_on, p.end_on) <= p.end_on
    AND (h.disposed_on IS NULL OR h.disposed_on > p.end_on)
LEFT JOIN asbestos_record AS a
    ON a.landlord = h.landlord
    AND a.asset_ref = h.property_ref
    AND a.asset_kind = 'property'
    AND COALESCE(a.surveyed_on, p.end_on) <= p.end_on
WHERE h.property_type IS NULL OR h.property_type NOT IN ('garage', 'parking')
GROUP BY h.landlord, p.period_id, h.property_ref, h.build_year, h.property_type
