-- One row for each account with court costs or recharges in the period.
SELECT
    t.landlord,
    p.period_id,
    t.account_ref AS case_ref,
    SUM(CASE WHEN t.kind = 'charge' THEN 0 ELSE -t.amount END) AS numerator,
    SUM(CASE WHEN t.kind = 'charge' THEN t.amount ELSE 0 END) AS denominator
FROM rent_transaction AS t
JOIN period AS p ON t.posted_on BETWEEN p.start_on AND p.end_on
WHERE t.debt_type IN ('court_cost', 'recharge_repair')
    AND t.kind IN ('charge', 'payment', 'hb', 'uc_apa', 'refund')
GROUP BY t.landlord, p.period_id, t.account_ref
