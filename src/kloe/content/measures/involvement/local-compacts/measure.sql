-- One row for each active body whose area wants a compact.
SELECT
    b.landlord,
    p.period_id,
    b.body_ref AS case_ref,
    CASE WHEN b.compact_on <= p.end_on THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    b.area
FROM involvement_body AS b
CROSS JOIN period AS p
WHERE b.active AND b.compact_wanted
