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
)

SELECT
    l.landlord,
    l.period_id,
    l.account_ref AS case_ref,
    CASE WHEN a.arrears_cause IS NOT NULL THEN GREATEST(l.balance, 0) ELSE 0 END AS numerator,
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
