-- One row for each home newly let in the period.
SELECT
    l.landlord,
    p.period_id,
    l.letting_ref AS case_ref,
    CASE
        WHEN l.electrical_certificate_issued_on <= l.let_on
            AND (h.gas IS FALSE OR l.gas_certificate_issued_on <= l.let_on) THEN 1
        ELSE 0
    END AS numerator,
    1 AS denominator,
    CASE WHEN l.renewal THEN 'renewal' ELSE NULL END AS excluded,
    l.property_ref,
    t.tenure
FROM letting AS l
JOIN period AS p ON l.let_on BETWEEN p.start_on AND p.end_on
LEFT JOIN property AS h ON h.landlord = l.landlord AND h.property_ref = l.property_ref
LEFT JOIN tenancy AS t ON t.landlord = l.landlord AND t.tenancy_ref = l.tenancy_ref
WHERE h.property_type IS NULL OR h.property_type NOT IN ('garage', 'parking')
