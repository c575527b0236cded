-- One row for each home at social or affordable rent on the last day of the period.
SELECT
    h.landlord,
    p.period_id,
    h.property_ref AS case_ref,
    CASE WHEN h.dhs_status = 'fail' THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    CASE
        WHEN h.property_type IS NULL THEN 'type-unknown'
        WHEN h.tenure_type IS NULL THEN 'tenure-unknown'
        WHEN COALESCE(h.dhs_status, 'unknown') = 'unknown' THEN 'not-known'
        ELSE NULL
    END AS excluded,
    h.property_ref
FROM property AS h
JOIN period AS p
    ON COALESCE(h.acquired_on, p.end_on) <= p.end_on
    AND (h.disposed_on IS NULL OR h.disposed_on > p.end_on)
WHERE (h.tenure_type IS NULL OR h.tenure_type IN ('social_rent', 'affordable_rent'))
    AND (h.property_type IS NULL OR h.property_type NOT IN ('garage', 'parking'))
