-- One row for each rent account with postings. The closing balance is a sum by account.
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

-- Claims open on the last day, however many an account has.
waiting AS (
    SELECT DISTINCT
        b.landlord,
        p.period_id,
        b.account_ref
    FROM benefit_claim AS b
    JOIN period AS p ON b.claimed_on <= p.end_on
    WHERE b.decided_on IS NULL OR b.decided_on > p.end_on
)

SELECT
    l.landlord,
    l.period_id,
    l.account_ref AS case_ref,
    CASE WHEN w.account_ref IS NOT NULL THEN GREATEST(l.balance, 0) ELSE 0 END AS numerator,
    GREATEST(l.balance, 0) AS denominator,
    CASE
        WHEN tn.end_on < p.end_on THEN 'former'
        WHEN tn.end_on IS NULL AND a.account_type = 'former' THEN 'former'
        ELSE NULL
    END AS excluded,
    a.tenancy_ref
FROM ledger AS l
JOIN period AS p ON p.period_id = l.period_id
JOIN rent_account AS a
    ON a.landlord = l.landlord
    AND a.account_ref = l.account_ref
    AND a.account_type IN ('rent', 'former')
LEFT JOIN tenancy AS tn
    ON tn.landlord = a.landlord
    AND tn.tenancy_ref = a.tenancy_ref
LEFT JOIN waiting AS w
    ON w.landlord = l.landlord
    AND w.period_id = l.period_id
    AND w.account_ref = l.account_ref
