-- One row for each account open for twelve months.
WITH gaps AS (
    SELECT
        s.landlord,
        s.account_ref,
        s.issued_on,
        LAG(s.issued_on) OVER (
            PARTITION BY s.landlord, s.account_ref
            ORDER BY s.issued_on, s.statement_ref
        ) AS last_on
    FROM rent_statement AS s
),

sent AS (
    SELECT
        g.landlord,
        p.period_id,
        g.account_ref,
        COUNT(*) AS statements,
        MAX(DATE_DIFF('day', g.last_on, g.issued_on)) AS gap
    FROM gaps AS g
    JOIN period AS p
        ON g.issued_on <= p.end_on
        AND g.issued_on > CAST(p.end_on - INTERVAL 12 MONTH AS DATE)
    GROUP BY g.landlord, p.period_id, g.account_ref
)

SELECT
    a.landlord,
    p.period_id,
    a.account_ref AS case_ref,
    CASE WHEN s.statements >= :statements AND (s.gap IS NULL OR s.gap <= :days) THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    CASE WHEN a.opened_on IS NULL THEN 'no-opening-day' ELSE NULL END AS excluded,
    a.tenancy_ref
FROM rent_account AS a
JOIN period AS p ON a.opened_on IS NULL OR a.opened_on <= CAST(p.end_on - INTERVAL 12 MONTH AS DATE)
LEFT JOIN sent AS s
    ON s.landlord = a.landlord
    AND s.period_id = p.period_id
    AND s.account_ref = a.account_ref
WHERE a.account_type IN ('rent', 'service_charge')
    AND (a.closed_on IS NULL OR a.closed_on > p.end_on)
