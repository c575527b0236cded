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
            SELECT r.response_ref
            FROM survey_response AS r
            JOIN survey AS s ON s.landlord = r.landlord AND s.survey_ref = r.survey_ref AND s.kind = 'perception'
            WHERE
                r.landlord = d.landlord
                AND r.person_ref = d.person_ref
                AND COALESCE(r.answered_on, s.to_on) BETWEEN d.start_on AND d.end_on
        ) THEN 1
        ELSE 0
    END AS numerator,
    1 AS denominator,
    CASE WHEN d.grp IS NULL THEN 'not-known' ELSE NULL END AS excluded,
    d.characteristic,
    d.grp
FROM told AS d
