-- One row for each account, set against all its postings.
WITH ledger AS (
    SELECT
        t.landlord,
        t.account_ref,
        SUM(t.amount) AS amount
    FROM rent_transaction AS t
    GROUP BY t.landlord, t.account_ref
)

SELECT
    x.landlord,
    p.period_id,
    x.account_ref AS case_ref,
    CASE WHEN x.balance <> l.amount THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    CASE
        WHEN x.balance IS NULL THEN 'no-balance'
        WHEN l.amount IS NULL THEN 'no-postings'
        ELSE NULL
    END AS excluded,
    x.account_type
FROM rent_account AS x
CROSS JOIN period AS p
LEFT JOIN ledger AS l ON l.landlord = x.landlord AND l.account_ref = x.account_ref
