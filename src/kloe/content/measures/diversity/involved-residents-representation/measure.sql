-- Three rows for each tenant, one for each characteristic.
WITH tenants AS (
    SELECT DISTINCT
        m.landlord,
        p.period_id,
        p.start_on,
        p.end_on,
        m.person_ref
    FROM tenancy_member AS m
    JOIN tenancy AS t ON t.landlord = m.landlord AND t.tenancy_ref = m.tenancy_ref
    JOIN period AS p ON t.start_on <= p.end_on
    WHERE
        m.role IN ('lead', 'joint')
        AND (t.end_on IS NULL OR t.end_on >= p.end_on)
        AND (m.from_on IS NULL OR m.from_on <= p.end_on)
        AND (m.to_on IS NULL OR m.to_on >= p.end_on)
),

told AS (
    SELECT
        n.landlord,
        n.period_id,
        n.start_on,
        n.end_on,
        n.person_ref,
        c.characteristic,
        CASE
        WHEN c.characteristic = 'ethnicity' THEN NULLIF(x.ethnicity, 'not_said')
        WHEN c.characteristic = 'disability' THEN NULLIF(x.disability, 'not_said')
        ELSE NULLIF(x.gender, 'not_said')
    END AS grp
    FROM tenants AS n
    LEFT JOIN person AS x ON x.landlord = n.landlord AND x.person_ref = n.person_ref
    CROSS JOIN (
    SELECT 'ethnicity' AS characteristic
    UNION ALL
    SELECT 'disability' AS characteristic
    UNION ALL
    SELECT 'gender' AS characteristic
) AS c
)

SELECT
    d.landlord,
    d.period_id,
    d.person_ref AS case_ref,
    CASE
        WHEN EXISTS (
            SELECT i.person_ref
            FROM involvement_member AS i
            JOIN involvement_body AS b ON b.landlord = i.landlord AND b.body_ref = i.body_ref AND b.active
            WHERE
                i.landlord = d.landlord
                AND i.person_ref = d.person_ref
                AND COALESCE(i.from_on, d.end_on) <= d.end_on
                AND (i.to_on IS NULL OR i.to_on >= d.end_on)
        ) THEN 1
        ELSE 0
    END AS numerator,
    1 AS denominator,
    CASE WHEN d.grp IS NULL THEN 'not-known' ELSE NULL END AS excluded,
    d.characteristic,
    d.grp
FROM told AS d
