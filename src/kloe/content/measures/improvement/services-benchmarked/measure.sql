-- One row for each key service, however many of its indicators are compared.
SELECT
    b.landlord,
    p.period_id,
    b.service_area AS case_ref,
    MAX(
        CASE
            WHEN b.compared_on <= p.end_on AND b.compared_on > CAST(p.end_on - :months * INTERVAL 1 MONTH AS DATE) THEN 1
            ELSE 0
        END
    ) AS numerator,
    1 AS denominator
FROM benchmark AS b
CROSS JOIN period AS p
WHERE b.key_area
GROUP BY b.landlord, p.period_id, b.service_area
