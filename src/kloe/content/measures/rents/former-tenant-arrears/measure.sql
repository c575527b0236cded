-- One row for each rent account with postings. The closing balance is a sum by account.
WITH ledger AS (
    SELECT
        t.landlord,
        p.period_id,
        t.account_ref,
        SUM(t.amount) AS balance,
        SUM(CASE WHEN t.kind = 'charge' AND t.posted_on > p.year_before THEN t.amount ELSE 0 END) AS due
    FROM rent_transaction AS t
    JOIN (
        SELECT
            q.period_id,
            q.end_on,
            CAST(q.end_on - INTERVAL 12 MONTH AS DATE) AS year_before
        FROM period AS q
    ) AS p ON t.posted_on <= p.end_on
    WHERE t.debt_type IN ('rent', 'service_charge') OR t.debt_type IS NULL
    GROUP BY t.landlord, p.period_id, t.account_ref
)

SELECT
    l.landlord,
    l.period_id,
    l.account_ref AS case_ref,
    CASE
        WHEN tn.end_on < p.end_on THEN GREATEST(l.balance, 0)
        -- Some systems move the debt to an account without a tenancy.
        WHEN tn.end_on IS NULL AND a.account_type = 'former' THEN GREATEST(l.balance, 0)
        ELSE 0
    END AS numerator,
    l.due AS denominator,
    tn.property_ref,
    a.tenancy_ref,
    tn.tenure
FROM ledger AS l
JOIN period AS p ON p.period_id = l.period_id
JOIN rent_account AS a
    ON a.landlord = l.landlord
    AND a.account_ref = l.account_ref
    AND a.account_type IN ('rent', 'former')
LEFT JOIN tenancy AS tn
    ON tn.landlord = a.landlord
    AND tn.tenancy_ref = a.tenancy_ref
