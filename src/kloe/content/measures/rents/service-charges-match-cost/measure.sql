-- One row for each scheme of the financial year, named by the year it begins in.
SELECT
    s.landlord,
    p.period_id,
    s.scheme_ref AS case_ref,
    CASE WHEN s.income * 100 BETWEEN s.cost * :low AND s.cost * :high THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    CASE WHEN s.cost > 0 THEN NULL ELSE 'no-cost' END AS excluded
FROM service_charge_scheme AS s
JOIN period AS p ON s.year = EXTRACT(YEAR FROM CAST(p.start_on - INTERVAL 3 MONTH AS DATE))
