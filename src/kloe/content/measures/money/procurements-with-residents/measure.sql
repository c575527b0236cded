-- One row for each large contract let in the period.
SELECT
    c.landlord,
    p.period_id,
    c.contract_ref AS case_ref,
    CASE WHEN c.residents_involved THEN 1 ELSE 0 END AS numerator,
    1 AS denominator
FROM contract AS c
JOIN period AS p ON c.procured_on BETWEEN p.start_on AND p.end_on
WHERE c.over_threshold
