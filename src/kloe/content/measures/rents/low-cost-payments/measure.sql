-- One row for each account with payments of a known method, one for each with others.
WITH paid AS (
    SELECT
        t.landlord,
        p.period_id,
        t.account_ref,
        t.method IS NULL AS unknown,
        CASE WHEN t.method IN ('direct_debit', 'standing_order', 'online') THEN 1 ELSE 0 END AS cheap
    FROM rent_transaction AS t
    JOIN period AS p ON t.posted_on BETWEEN p.start_on AND p.end_on
    WHERE t.kind = 'payment'
        AND t.amount < 0
)

SELECT
    m.landlord,
    m.period_id,
    m.account_ref AS case_ref,
    SUM(m.cheap) AS numerator,
    COUNT(*) AS denominator,
    CASE WHEN m.unknown THEN 'no-method' ELSE NULL END AS excluded
FROM paid AS m
GROUP BY m.landlord, m.period_id, m.account_ref, m.unknown
