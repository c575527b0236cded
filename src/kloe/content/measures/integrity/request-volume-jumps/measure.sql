-- One row for each month of the period in which requests for services were reported. Months are
-- numbered from year nought, so that they can be counted.
WITH dated AS (
    SELECT
        s.landlord,
        s.request_ref,
        EXTRACT(YEAR FROM s.reported_at) * 12 + EXTRACT(MONTH FROM s.reported_at) AS month_no
    FROM service_request AS s
),

months AS (
    SELECT
        d.landlord,
        d.month_no,
        COUNT(*) AS requests
    FROM dated AS d
    GROUP BY d.landlord, d.month_no
),

before AS (
    SELECT
        m.landlord,
        m.month_no,
        m.requests,
        LAG(m.month_no, 3) OVER (PARTITION BY m.landlord ORDER BY m.month_no) AS third_no,
        LAG(m.requests, 1) OVER (PARTITION BY m.landlord ORDER BY m.month_no)
        + LAG(m.requests, 2) OVER (PARTITION BY m.landlord ORDER BY m.month_no)
        + LAG(m.requests, 3) OVER (PARTITION BY m.landlord ORDER BY m.month_no) AS three
    FROM months AS m
)

SELECT
    b.landlord,
    p.period_id,
    CAST((b.month_no - 1) // 12 AS VARCHAR)
    || CASE WHEN (b.month_no - 1) % 12 < 9 THEN '-0' ELSE '-' END
    || CAST((b.month_no - 1) % 12 + 1 AS VARCHAR) AS case_ref,
    CASE WHEN b.requests * 3 > b.three * :times THEN 1 ELSE 0 END AS numerator,
    1 AS denominator
FROM before AS b
JOIN period AS p
    ON b.month_no BETWEEN EXTRACT(YEAR FROM p.start_on) * 12 + EXTRACT(MONTH FROM p.start_on)
    AND EXTRACT(YEAR FROM p.end_on) * 12 + EXTRACT(MONTH FROM p.end_on)
WHERE b.third_no = b.month_no - 3
