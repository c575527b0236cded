-- One row for each home that needs the check on the last day of the period.
WITH needed AS (
    SELECT
        q.landlord,
        p.period_id,
        q.asset_ref,
        q.asset_kind,
        p.end_on,
        CASE
            WHEN EXISTS (
                SELECT c.certificate_ref
                FROM compliance_certificate AS c
                WHERE c.landlord = q.landlord
                    AND c.asset_ref = q.asset_ref
                    AND c.asset_kind = q.asset_kind
                    AND c.kind = q.kind
                    AND c.issued_on <= p.end_on
                    -- Where no day is given on which it runs out, its age decides.
                    AND COALESCE(c.expires_on, c.issued_on + :days) >= p.end_on
            ) THEN 1
            ELSE 0
        END AS in_date
    FROM safety_requirement AS q
    JOIN period AS p
        ON COALESCE(q.from_on, p.end_on) <= p.end_on
        AND COALESCE(q.to_on, p.end_on) >= p.end_on
    WHERE q.kind = 'smoke_co'
),

-- A garage on the list of checks is still no home.
homes AS (
    SELECT h.landlord, h.property_ref, h.block_ref, h.acquired_on, h.disposed_on
    FROM property AS h
    WHERE h.property_type IS NULL OR h.property_type NOT IN ('garage', 'parking')
),

-- Each home as such, and as one in its building: it needs what either of them needs.
stands AS (
    SELECT
        h.landlord,
        h.property_ref,
        h.acquired_on,
        h.disposed_on,
        'property' AS asset_kind,
        h.property_ref AS asset_ref
    FROM homes AS h
    UNION ALL
    SELECT
        h.landlord,
        h.property_ref,
        h.acquired_on,
        h.disposed_on,
        'block' AS asset_kind,
        h.block_ref AS asset_ref
    FROM homes AS h
)

SELECT
    h.landlord,
    n.period_id,
    h.property_ref AS case_ref,
    MIN(n.in_date) AS numerator,
    1 AS denominator,
    h.property_ref
FROM stands AS h
JOIN needed AS n
    ON n.landlord = h.landlord AND n.asset_kind = h.asset_kind AND n.asset_ref = h.asset_ref
WHERE COALESCE(h.acquired_on, n.end_on) <= n.end_on
    AND (h.disposed_on IS NULL OR h.disposed_on > n.end_on)
GROUP BY h.landlord, n.period_id, h.property_ref
