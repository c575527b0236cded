-- One row for each gain planned for the year.
-- The financial year is the one the period's first day lies in, named by the year it begins in.
SELECT
    g.landlord,
    p.period_id,
    g.gain_ref AS case_ref,
    CASE
        WHEN g.cashable AND g.validated THEN COALESCE(g.achieved, 0)
        ELSE CAST(0 AS DECIMAL(14, 2))
    END AS numerator,
    g.target AS denominator
FROM efficiency_gain AS g
JOIN period AS p ON g.year = EXTRACT(YEAR FROM CAST(p.start_on - INTERVAL 3 MONTH AS DATE))
