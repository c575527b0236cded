-- One row for each service or form offered now.
SELECT
    s.landlord,
    p.period_id,
    s.service_ref AS case_ref,
    CASE WHEN s.online OR s.downloadable THEN 1 ELSE 0 END AS numerator,
    1 AS denominator
FROM service_catalogue AS s
CROSS JOIN period AS p
WHERE s.active
