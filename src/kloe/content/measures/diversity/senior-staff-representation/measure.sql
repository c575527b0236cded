-- Three rows for each person of the staff, one for each characteristic, and one for each group
-- of the community by the latest source.
WITH latest AS (
    SELECT
        m.landlord,
        m.area,
        m.characteristic,
        MAX(m.source_year) AS source_year
    FROM community_profile AS m
    GROUP BY m.landlord, m.area, m.characteristic
),

told AS (
    SELECT
        x.landlord,
        x.staff_ref,
        x.joined_on,
        x.left_on,
        c.characteristic,
        CASE
        WHEN c.characteristic = 'ethnicity' THEN NULLIF(x.ethnicity, 'not_said')
        WHEN c.characteristic = 'disability' THEN NULLIF(x.disability, 'not_said')
        ELSE NULLIF(x.gender, 'not_said')
    END AS grp
    FROM staff AS x
    CROSS JOIN (
    SELECT 'ethnicity' AS characteristic
    UNION ALL
    SELECT 'disability' AS characteristic
    UNION ALL
    SELECT 'gender' AS characteristic
) AS c
    WHERE x.grade_band IN ('executive', 'senior')
)

SELECT
    t.landlord,
    p.period_id,
    t.staff_ref AS case_ref,
    1 AS numerator,
    0 AS denominator,
    CASE WHEN t.grp IS NULL THEN 'not-known' ELSE NULL END AS excluded,
    t.characteristic,
    t.grp
FROM told AS t
JOIN period AS p ON COALESCE(t.joined_on, p.end_on) <= p.end_on
WHERE t.left_on IS NULL OR t.left_on >= p.end_on
UNION ALL
SELECT
    m.landlord,
    p.period_id,
    m.area AS case_ref,
    0 AS numerator,
    m.people AS denominator,
    NULL AS excluded,
    m.characteristic,
    m.grp
FROM community_profile AS m
CROSS JOIN period AS p
JOIN latest AS l
    ON l.landlord = m.landlord
    AND l.area = m.area
    AND l.characteristic = m.characteristic
    AND l.source_year = m.source_year
WHERE m.characteristic IN ('ethnicity', 'disability', 'gender')
