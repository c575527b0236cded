-- Three rows for each tenant: one for each detail.
WITH tenants AS (
    SELECT DISTINCT
        m.landlord,
        p.period_id,
        m.person_ref
    FROM tenancy_member AS m
    JOIN tenancy AS tn
        ON tn.landlord = m.landlord
        AND tn.tenancy_ref = m.tenancy_ref
    JOIN period AS p ON tn.start_on <= p.end_on
    WHERE m.role IN ('lead', 'joint')
        AND COALESCE(tn.end_on, p.end_on) >= p.end_on
        AND COALESCE(m.from_on, p.end_on) <= p.end_on
        AND COALESCE(m.to_on, p.end_on) >= p.end_on
)

SELECT
    t.landlord,
    t.period_id,
    t.person_ref AS case_ref,
    CASE
        -- What the tenant said counts also where it fits none of the groups.
        WHEN d.detail = 'ethnicity' AND COALESCE(pe.ethnicity, pe.ethnicity_given) IS NOT NULL THEN 1
        WHEN d.detail = 'disability' AND pe.disability IS NOT NULL THEN 1
        WHEN d.detail = 'vulnerability' AND pe.vulnerability IS NOT NULL THEN 1
        ELSE 0
    END AS numerator,
    1 AS denominator,
    t.person_ref,
    d.detail
FROM tenants AS t
LEFT JOIN person AS pe
    ON pe.landlord = t.landlord
    AND pe.person_ref = t.person_ref
CROSS JOIN (
    SELECT 'ethnicity' AS detail
    UNION ALL
    SELECT 'disability' AS detail
    UNION ALL
    SELECT 'vulnerability' AS detail
) AS d
