-- One row for each home on the last day of the period, by the kind of building it stands for.
SELECT
    h.landlord,
    p.period_id,
    h.property_ref AS case_ref,
    CASE
        WHEN EXISTS (
            SELECT s.survey_ref
            FROM stock_condition AS s
            WHERE s.landlord = h.landlord
                AND s.property_ref = h.property_ref
                AND s.method = 'full'
                AND s.surveyed_on <= p.end_on
                AND CAST(s.surveyed_on + :months * INTERVAL 1 MONTH AS DATE) >= p.end_on
        ) THEN 1
        ELSE 0
    END AS numerator,
    1 AS denominator,
    CASE WHEN h.tenure_type IN ('leasehold', 'shared_ownership', 'market_rent') THEN 'not-rented' ELSE NULL END AS excluded,
    COALESCE(h.archetype, h.property_type, 'unknown') AS stratum
FROM property AS h
JOIN period AS p
    ON COALESCE(h.acquired_on, p.end_on) <= p.end_on
    AND (h.disposed_on IS NULL OR h.disposed_on > p.end_on)
WHERE h.property_type IS NULL OR h.property_type NOT IN ('garage', 'parking')
