-- One row for each account with such charges of their own type, one for each with some that are not.
WITH charged AS (
    SELECT
        t.landlord,
        p.period_id,
        t.account_ref,
        CASE WHEN t.debt_type IN ('court_cost', 'recharge_repair') THEN 1 ELSE 0 END AS own_type
    FROM rent_transaction AS t
    JOIN period AS p ON t.posted_on BETWEEN p.start_on AND p.end_on
    WHERE t.kind = 'charge'
        AND t.amount > 0
        AND (
            t.debt_type IN ('court_cost', 'recharge_repair')
            OR LOWER(t.description) LIKE '%court cost%'
            OR LOWER(t.description) LIKE '%court fee%'
            OR LOWER(t.description) LIKE '%recharg%'
        )
),

counted AS (
    SELECT
        c.landlord,
        c.period_id,
        c.account_ref,
        c.own_type,
        COUNT(*) AS charges
    FROM charged AS c
    GROUP BY c.landlord, c.period_id, c.account_ref, c.own_type
)

SELECT
    n.landlord,
    n.period_id,
    n.account_ref AS case_ref,
    CASE WHEN a.account_type IN ('court_cost', 'recharge') THEN n.charges ELSE n.charges * n.own_type END AS numerator,
    n.charges AS denominator,
    a.tenancy_ref
FROM counted AS n
JOIN rent_account AS a
    ON a.landlord = n.landlord
    AND a.account_ref = n.account_ref
