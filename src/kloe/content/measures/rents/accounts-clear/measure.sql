-- One row for each rent account of a tenancy in force, also where nothing was ever posted.
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
    a.landlord,
    p.period_id,
    a.account_ref AS case_ref,
    CASE WHEN COALESCE(l.balance, 0) <= 0 THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    tn.property_ref,
    a.tenancy_ref
FROM rent_account AS a
JOIN tenancy AS tn
    ON tn.landlord = a.landlord
    AND tn.tenancy_ref = a.tenancy_ref
JOIN period AS p ON tn.start_on <= p.end_on
LEFT JOIN ledger AS l
    ON l.landlord = a.landlord
    AND l.period_id = p.period_id
    AND l.account_ref = a.account_ref
-- An account may be called a former tenant's today and have been a current one on that day.
WHERE a.account_type IN ('rent', 'former')
    AND (tn.end_on >= p.end_on OR (tn.end_on IS NULL AND a.account_type = 'rent'))
