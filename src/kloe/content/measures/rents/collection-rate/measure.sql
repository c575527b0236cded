-- One row for each account with postings in the period. The postings are read once and summed
-- by account before anything is joined to them.
WITH moved AS (
    SELECT
        t.landlord,
        p.period_id,
        t.account_ref,
        SUM(CASE WHEN t.kind = 'charge' THEN t.amount ELSE 0 END) AS due,
        SUM(CASE WHEN t.kind = 'charge' THEN 0 ELSE -t.amount END) AS paid
    FROM rent_transaction AS t
    JOIN period AS p ON t.posted_on BETWEEN p.start_on AND p.end_on
    WHERE t.kind IN ('charge', 'payment', 'hb', 'uc_apa', 'refund')
        -- Court costs, recharges and the like are debts of another kind.
        AND (t.debt_type IN ('rent', 'service_charge') OR t.debt_type IS NULL)
    GROUP BY t.landlord, p.period_id, t.account_ref
)

SELECT
    m.landlord,
    m.period_id,
    m.account_ref AS case_ref,
    m.paid AS numerator,
    m.due AS denominator,
    CASE
        WHEN tn.end_on < p.start_on THEN 'former'
        WHEN tn.end_on IS NULL AND a.account_type = 'former' THEN 'former'
        ELSE NULL
    END AS excluded,
    tn.property_ref,
    a.tenancy_ref,
    tn.tenure
FROM moved AS m
JOIN period AS p ON p.period_id = m.period_id
JOIN rent_account AS a
    ON a.landlord = m.landlord
    AND a.account_ref = m.account_ref
    AND a.account_type IN ('rent', 'former')
LEFT JOIN tenancy AS tn
    ON tn.landlord = a.landlord
    AND tn.tenancy_ref = a.tenancy_ref
