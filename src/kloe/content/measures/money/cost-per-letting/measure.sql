-- One row for each line of cost of lettings and one for each letting.
-- A year's cost fits a year's lettings only, so other periods than financial years have none.
SELECT
    c.landlord,
    p.period_id,
    c.cost_ref AS case_ref,
    c.outturn AS numerator,
    CAST(0 AS DECIMAL(14, 2)) AS denominator
FROM cost AS c
JOIN period AS p ON c.year = EXTRACT(YEAR FROM p.start_on)
WHERE c.outturn IS NOT NULL
    AND c.service = 'lettings'
    AND EXTRACT(MONTH FROM CAST(p.start_on - INTERVAL 1 DAY AS DATE)) = 3
    AND EXTRACT(MONTH FROM p.start_on) = 4
    AND CAST(p.start_on + INTERVAL 12 MONTH AS DATE) = CAST(p.end_on + INTERVAL 1 DAY AS DATE)
UNION ALL
SELECT
    l.landlord,
    p.period_id,
    l.letting_ref AS case_ref,
    CAST(0 AS DECIMAL(14, 2)) AS numerator,
    CAST(1 AS DECIMAL(14, 2)) AS denominator
FROM letting AS l
JOIN period AS p ON l.let_on BETWEEN p.start_on AND p.end_on
WHERE l.renewal IS NOT TRUE
    AND EXTRACT(MONTH FROM CAST(p.start_on - INTERVAL 1 DAY AS DATE)) = 3
    AND EXTRACT(MONTH FROM p.start_on) = 4
    AND CAST(p.start_on + INTERVAL 12 MONTH AS DATE) = CAST(p.end_on + INTERVAL 1 DAY AS DATE)
