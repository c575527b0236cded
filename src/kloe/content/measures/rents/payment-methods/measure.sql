-- One row for each way of paying in use: methods are few, so they are grouped in the scan itself.
WITH methods AS (
    SELECT
        t.landlord,
        p.period_id,
        t.method,
        COUNT(*) AS payments
    FROM rent_transaction AS t
    JOIN period AS p ON t.posted_on BETWEEN p.start_on AND p.end_on
    WHERE t.kind = 'payment'
        AND t.amount < 0
        AND t.method IN ('direct_debit', 'standing_order', 'online', 'card', 'shop', 'cash', 'cheque')
    GROUP BY t.landlord, p.period_id, t.method
),

ways AS (
    SELECT
        m.landlord,
        m.period_id,
        CASE
            WHEN m.method IN ('direct_debit', 'standing_order') THEN 'bank'
            WHEN m.method IN ('cash', 'cheque') THEN 'office'
            WHEN m.method = 'card' THEN 'telephone'
            ELSE m.method
        END AS way,
        m.payments
    FROM methods AS m
)

SELECT
    w.landlord,
    w.period_id,
    w.way AS case_ref,
    1 AS numerator,
    0 AS denominator,
    w.way
FROM ways AS w
GROUP BY w.landlord, w.period_id, w.way
HAVING SUM(w.payments) >= :payments
