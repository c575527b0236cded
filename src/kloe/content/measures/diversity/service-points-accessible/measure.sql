-- One row for each service point in use.
SELECT
    s.landlord,
    p.period_id,
    s.point_ref AS case_ref,
    CASE WHEN s.step_free AND s.hearing_loop AND s.private_room AND s.interpreter THEN 1 ELSE 0 END AS numerator,
    1 AS denominator
FROM service_point AS s
CROSS JOIN period AS p
WHERE s.active
