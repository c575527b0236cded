-- Three rows for each member of the board and for each tenant, one for each characteristic.
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

boarded AS (
    SELECT
        x.landlord,
        x.member_ref,
        x.joined_on,
        x.left_on,
        c.characteristic,
        CASE
        WHEN c.characteristic = 'ethnicity' THEN NULLIF(x.ethnicity, 'not_said')
        WHEN c.characteristic = 'disability' THEN NULLIF(x.disability, 'not_said')
        ELSE NULLIF(x.gender, 'not_said')
    END AS grp
    FROM board_member AS x
    CROSS JOIN (
    SELECT 'ethnicity' AS characteristic
    UNION ALL
    SELECT 'disability' AS characteristic
    UNION ALL
    SELECT 'gender' AS characteristic
) AS c
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
    b.landlord,
    p.period_id,
    b.member_ref AS case_ref,
    1 AS numerator,
    0 AS denominator,
    CASE WHEN b.grp IS NULL THEN 'not-known' ELSE NULL END AS excluded,
    b.characteristic,
    b.grp
FROM boarded AS b
JOIN period AS p ON COALESCE(b.joined_on, p.end_on) <= p.end_on
WHERE b.left_on IS NULL OR b.left_on >= p.end_on
UNION ALL
SELECT
    d.landlord,
    d.period_id,
    d.person_ref AS case_ref,
    0 AS numerator,
    1 AS denominator,
    CASE WHEN d.grp IS NULL THEN 'not-known' ELSE NULL END AS excluded,
    d.characteristic,
    d.grp
FROM told AS d
