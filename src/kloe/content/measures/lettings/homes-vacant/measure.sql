-- One row for each self-contained home to rent.
SELECT
    h.landlord,
    p.period_id,
    h.property_ref AS case_ref,
    CASE
        WHEN EXISTS (
            SELECT v.void_ref
            FROM void AS v
            WHERE
                v.landlord = h.landlord
                AND v.property_ref = h.property_ref
                AND v.ended_on < p.end_on
                AND (v.let_on IS NULL OR v.let_on > p.end_on)
        ) THEN 1
        ELSE 0
    END AS numerator,
    1 AS denominator,
    h.property_ref
FROM property AS h
JOIN period AS p ON COALESCE(h.acquired_on, p.end_on) <= p.end_on
WHERE
    (h.disposed_on IS NULL OR h.disposed_on > p.end_on)
    AND h.self_contained
    AND (h.property_type IS NULL OR h.property_type NOT IN ('garage', 'parking'))
    AND h.tenure_type IN ('social_rent', 'affordable_rent', 'intermediate_rent')
