-- One row for each check, by the last day on which its record was given in time.
SELECT
    c.landlord,
    p.period_id,
    c.certificate_ref AS case_ref,
    CASE WHEN c.issued_to_tenant_on <= c.issued_on + :days THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    c.result
FROM compliance_certificate AS c
JOIN period AS p ON c.issued_on + :days BETWEEN p.start_on AND p.end_on
WHERE c.kind = 'gas' AND c.asset_kind = 'property'
