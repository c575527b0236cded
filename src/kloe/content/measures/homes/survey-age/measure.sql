-- One row for each landlord: the newest day since which enough different homes have been surveyed.
WITH homes AS (
    SELECT h.landlord, h.property_ref, p.period_id, p.end_on
    FROM property AS h
    JOIN period AS p
        ON COALESCE(h.acquired_on, p.end_on) <= p.end_on
        AND (h.disposed_on IS NULL OR h.disposed_on > p.end_on)
    WHERE h.property_type NOT IN ('garage', 'parking')
        AND (h.tenure_type IS NULL OR h.tenure_type NOT IN ('leasehold', 'shared_ownership', 'market_rent'))
),

stock AS (
    SELECT h.landlord, h.period_id, h.end_on, COUNT(*) AS total
    FROM homes AS h
    GROUP BY h.landlord, h.period_id, h.end_on
),

-- The newest survey of each home.
newest AS (
    SELECT h.landlord, h.period_id, h.property_ref, MAX(s.surveyed_on) AS surveyed_on
    FROM homes AS h
    JOIN stock_condition AS s
        ON s.landlord = h.landlord
        AND s.property_ref = h.property_ref
    WHERE s.method = 'full' AND s.surveyed_on <= h.end_on
    GROUP BY h.landlord, h.period_id, h.property_ref
),

placed AS (
    SELECT
        n.landlord,
        n.period_id,
        n.surveyed_on,
        ROW_NUMBER() OVER (
            PARTITION BY n.landlord, n.period_id ORDER BY n.surveyed_on DESC, n.property_ref
        ) AS place
    FROM newest AS n
),

-- A finite stock needs fewer: homes * needed / (homes + needed - 1), multiplied out.
reached AS (
    SELECT o.landlord, o.period_id, MAX(o.surveyed_on) AS since
    FROM placed AS o
    JOIN stock AS t ON t.landlord = o.landlord AND t.period_id = o.period_id
    WHERE o.place * (t.total + :needed - 1) >= :needed * t.total
    GROUP BY o.landlord, o.period_id
)

SELECT
    t.landlord,
    t.period_id,
    t.landlord AS case_ref,
    DATE_DIFF('day', r.since, t.end_on) AS numerator,
    CAST(365.25 AS DECIMAL(5, 2)) AS denominator,
    CASE WHEN r.since IS NULL THEN 'never-reached' ELSE NULL END AS excluded
FROM stock AS t
LEFT JOIN reached AS r ON r.landlord = t.landlord AND r.period_id = t.period_id
