-- One row for each line of cost of the three kinds. The financial year is the one the period's
-- first day lies in, named by the calendar year in which it begins.
SELECT
    c.landlord,
    p.period_id,
    c.cost_ref AS case_ref,
    CASE WHEN c.kind IN ('planned', 'cyclical') THEN c.outturn ELSE 0 END AS numerator,
    c.outturn AS denominator,
    c.kind
FROM cost AS c
JOIN period AS p ON c.year = EXTRACT(YEAR FROM CAST(p.start_on - INTERVAL 3 MONTH AS DATE))
WHERE c.kind IN ('planned', 'cyclical', 'responsive') AND c.outturn IS NOT NULL
