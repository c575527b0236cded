-- One row for each line of cost of lettings and one for each letting.
-- The financial year is the one the period's first day lies in, named by the year it begins in.
SELECT
    c.landlord,
    p.period_id,
    c.cost_ref AS case_ref,
    c.outturn AS numerator,
    CAST(0 AS DECIMAL(14, 2)) AS denominator
FROM cost AS c
JOIN period AS p ON c.year = EXTRACT(YEAR FROM CAST(p.start_on - INTERVAL 3 MONTH AS DATE))
WHERE c.outturn IS NOT NULL AND c.service = 'lettings'
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
