-- One row for each home let again in the period and one for each account with rent charged.
SELECT
    v.landlord,
    p.period_id,
    v.void_ref AS case_ref,
    v.rent_loss AS numerator,
    CAST(0 AS DECIMAL(14, 2)) AS denominator
FROM void AS v
JOIN period AS p ON v.let_on BETWEEN p.start_on AND p.end_on
WHERE v.rent_loss IS NOT NULL
UNION ALL
SELECT
    r.landlord,
    p.period_id,
    r.account_ref AS case_ref,
    CAST(0 AS DECIMAL(14, 2)) AS numerator,
    SUM(r.amount) AS denominator
FROM rent_transaction AS r
JOIN period AS p ON r.posted_on BETWEEN p.start_on AND p.end_on
WHERE r.kind = 'charge' AND COALESCE(r.debt_type, 'rent') = 'rent'
GROUP BY r.landlord, p.period_id, r.account_ref
