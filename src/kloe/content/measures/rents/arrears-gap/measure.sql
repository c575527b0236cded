-- Three rows for each rent account of a tenancy in force: one for each characteristic of its
-- first tenant.
WITH ledger AS (
    SELECT
        t.landlord,
        p.period_id,
        t.account_ref,
        SUM(t.amount) AS balance
    FROM rent_transaction AS t
    JOIN period AS p ON t.posted_on <= p.end_on
    WHERE t.debt_type IN ('rent', 'service_charge') OR t.debt_type IS NULL
    GROUP BY t.landlord, p.period_id, t.account_ref
),

leads AS (
    SELECT
        m.landlord,
        p.period_id,
        m.tenancy_ref,
        MIN(m.person_ref) AS person_ref
    FROM tenancy_member AS m
    JOIN period AS p ON COALESCE(m.from_on, p.end_on) <= p.end_on
    WHERE m.role = 'lead'
        AND COALESCE(m.to_on, p.end_on) >= p.end_on
    GROUP BY m.landlord, p.period_id, m.tenancy_ref
),

told AS (
    SELECT
        a.landlord,
        p.period_id,
        a.account_ref,
        CASE WHEN l.balance > 0 THEN 1 ELSE 0 END AS owes,
        CASE
            WHEN pe.ethnicity = 'white_british' THEN 'white_british'
            WHEN pe.ethnicity LIKE 'white%' THEN 'white_other'
            WHEN pe.ethnicity LIKE 'asian%' THEN 'asian'
            WHEN pe.ethnicity LIKE 'black%' THEN 'black'
            WHEN pe.ethnicity = 'mixed' THEN 'mixed'
            WHEN pe.ethnicity IN ('arab', 'other') THEN 'other'
            ELSE NULL
        END AS ethnicity,
        CASE WHEN pe.disability IN ('yes', 'no') THEN pe.disability ELSE NULL END AS disability,
        CASE
            WHEN EXTRACT(YEAR FROM p.end_on) - pe.birth_year < 35 THEN 'under 35'
            WHEN EXTRACT(YEAR FROM p.end_on) - pe.birth_year < 55 THEN '35-54'
            WHEN pe.birth_year IS NOT NULL THEN '55 and over'
            ELSE NULL
        END AS age
    FROM rent_account AS a
    JOIN tenancy AS tn
        ON tn.landlord = a.landlord
        AND tn.tenancy_ref = a.tenancy_ref
    JOIN period AS p ON tn.start_on <= p.end_on
    JOIN leads AS ld
        ON ld.landlord = a.landlord
        AND ld.period_id = p.period_id
        AND ld.tenancy_ref = a.tenancy_ref
    LEFT JOIN person AS pe
        ON pe.landlord = ld.landlord
        AND pe.person_ref = ld.person_ref
    LEFT JOIN ledger AS l
        ON l.landlord = a.landlord
        AND l.period_id = p.period_id
        AND l.account_ref = a.account_ref
    WHERE a.account_type IN ('rent', 'former')
        AND (tn.end_on >= p.end_on OR (tn.end_on IS NULL AND a.account_type = 'rent'))
),

grouped AS (
    SELECT
        t.landlord,
        t.period_id,
        t.account_ref,
        t.owes,
        c.characteristic,
        CASE
            WHEN c.characteristic = 'ethnicity' THEN t.ethnicity
            WHEN c.characteristic = 'disability' THEN t.disability
            ELSE t.age
        END AS grp
    FROM told AS t
    CROSS JOIN (
        SELECT 'ethnicity' AS characteristic
        UNION ALL
        SELECT 'disability' AS characteristic
        UNION ALL
        SELECT 'age' AS characteristic
    ) AS c
)

SELECT
    g.landlord,
    g.period_id,
    g.account_ref AS case_ref,
    g.owes AS numerator,
    1 AS denominator,
    CASE WHEN g.grp IS NULL THEN 'not-known' ELSE NULL END AS excluded,
    g.characteristic,
    g.grp
FROM grouped AS g
