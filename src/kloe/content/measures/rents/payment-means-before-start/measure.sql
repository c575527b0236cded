-- One row for each tenancy that starts in the period.
SELECT
    t.landlord,
    p.period_id,
    t.tenancy_ref AS case_ref,
    CASE WHEN MIN(a.payment_means_issued_on) <= t.start_on THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    CASE
        WHEN t.tenure IN ('leaseholder', 'shared_owner') THEN 'not-rented'
        WHEN h.property_type IN ('garage', 'parking') THEN 'no-home'
        ELSE NULL
    END AS excluded,
    t.property_ref,
    t.tenancy_ref,
    t.tenure
FROM tenancy AS t
JOIN period AS p ON t.start_on BETWEEN p.start_on AND p.end_on
LEFT JOIN property AS h
    ON h.landlord = t.landlord
    AND h.property_ref = t.property_ref
LEFT JOIN rent_account AS a
    ON a.landlord = t.landlord
    AND a.tenancy_ref = t.tenancy_ref
    -- The card of a garage pays no rent; a rent account may be called a former tenant's since.
    AND a.account_type IN ('rent', 'former')
GROUP BY t.landlord, p.period_id, t.tenancy_ref, t.property_ref, t.tenure, t.start_on, h.property_type
