-- One row for each method by which payments came in.
WITH paid AS (
    SELECT
        t.landlord,
        p.period_id,
        t.method,
        COUNT(*) AS payments
    FROM rent_transaction AS t
    JOIN period AS p ON t.posted_on BETWEEN p.start_on AND p.end_on
    WHERE t.kind = 'payment'
        AND t.amount < 0
        AND t.method IS NOT NULL
        -- A year's cost fits a year's payments only.
        AND EXTRACT(MONTH FROM CAST(p.start_on - INTERVAL 1 DAY AS DATE)) = 3
        AND EXTRACT(MONTH FROM p.start_on) = 4
        AND CAST(p.start_on + INTERVAL 12 MONTH AS DATE) = CAST(p.end_on + INTERVAL 1 DAY AS DATE)
    GROUP BY t.landlord, p.period_id, t.method
),

spent AS (
    SELECT
        c.landlord,
        c.year,
        c.method,
        SUM(c.outturn) AS pounds
    FROM cost AS c
    WHERE c.kind = 'collection'
    GROUP BY c.landlord, c.year, c.method
)

SELECT
    m.landlord,
    m.period_id,
    m.method AS case_ref,
    s.pounds AS numerator,
    m.payments AS denominator,
    CASE WHEN s.pounds IS NULL THEN 'no-cost' ELSE NULL END AS excluded,
    m.method
FROM paid AS m
JOIN period AS p ON p.period_id = m.period_id
LEFT JOIN spent AS s
    ON s.landlord = m.landlord
    AND s.method = m.method
    AND s.year = EXTRACT(YEAR FROM p.start_on)
