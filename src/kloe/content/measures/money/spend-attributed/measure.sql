-- One row for each line of cost; an activity of blanks is none.
-- The financial year is the one the period's first day lies in, named by the year it begins in.
SELECT
    c.landlord,
    p.period_id,
    c.cost_ref AS case_ref,
    CASE WHEN TRIM(c.activity) <> '' THEN c.outturn ELSE CAST(0 AS DECIMAL(14, 2)) END AS numerator,
    c.outturn AS denominator,
    c.service
FROM cost AS c
JOIN period AS p ON c.year = EXTRACT(YEAR FROM CAST(p.start_on - INTERVAL 3 MONTH AS DATE))
WHERE c.outturn IS NOT NULL
