-- One row for each service. The financial year is the one the period's first day lies in, named
-- by the calendar year in which it begins.
SELECT
    c.landlord,
    p.period_id,
    c.service AS case_ref,
    ABS(SUM(c.outturn) - SUM(c.budget)) AS numerator,
    SUM(c.budget) AS denominator,
    c.service
FROM cost AS c
JOIN period AS p ON c.year = EXTRACT(YEAR FROM CAST(p.start_on - INTERVAL 3 MONTH AS DATE))
WHERE c.outturn IS NOT NULL AND c.budget IS NOT NULL
GROUP BY c.landlord, p.period_id, c.service
