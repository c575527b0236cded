-- One row for each contract that runs on the last day.
SELECT
    c.landlord,
    p.period_id,
    c.contract_ref AS case_ref,
    CASE
        WHEN c.tested_on > CAST(p.end_on - :years * INTERVAL 1 YEAR AS DATE) AND c.tested_on <= p.end_on THEN c.annual_value
        ELSE CAST(0 AS DECIMAL(14, 2))
    END AS numerator,
    c.annual_value AS denominator
FROM contract AS c
JOIN period AS p ON COALESCE(c.procured_on, p.end_on) <= p.end_on
WHERE c.ends_on IS NULL OR c.ends_on >= p.end_on
