-- One row for each account with payments.
SELECT
    t.landlord,
    p.period_id,
    t.account_ref AS case_ref,
    SUM(CASE WHEN t.method IN ('direct_debit', 'standing_order', 'online') THEN 1 ELSE 0 END) AS numerator,
    COUNT(t.method) AS denominator,
    CASE WHEN COUNT(t.method) = 0 THEN 'no-method' ELSE NULL END AS excluded
FROM rent_transaction AS t
JOIN period AS p ON t.posted_on BETWEEN p.start_on AND p.end_on
WHERE t.kind = 'payment'
    AND t.amount < 0
GROUP BY t.landlord, p.period_id, t.account_ref
