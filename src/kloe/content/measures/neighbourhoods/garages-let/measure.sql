-- One row for each garage or space that can be let, as it stands in the extract.
SELECT
    h.landlord,
    p.period_id,
    h.property_ref AS case_ref,
    CASE WHEN h.status = 'occupied' THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    h.property_ref,
    h.property_type
FROM property AS h
JOIN period AS p ON COALESCE(h.acquired_on, p.end_on) <= p.end_on
WHERE
    h.property_type IN ('garage', 'parking')
    AND h.lettable
    AND (h.status IS NULL OR h.status <> 'disposed')
    AND (h.disposed_on IS NULL OR h.disposed_on > p.end_on)
