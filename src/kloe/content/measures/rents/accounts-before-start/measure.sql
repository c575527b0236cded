-- One row for each tenancy that starts in the period.
SELECT
    t.landlord,
    p.period_id,
    t.tenancy_ref AS case_ref,
    CASE WHEN MIN(a.opened_on) <= t.start_on THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    CASE WHEN t.tenure IN ('leaseholder', 'shared_owner') THEN 'not-rented' ELSE NULL END AS excluded,
    t.property_ref,
    t.tenancy_ref,
    t.tenure
FROM tenancy AS t
JOIN period AS p ON t.start_on BETWEEN p.start_on AND p.end_on
-- A tenancy may have further accounts, for a garage or court costs: they do not count. A rent
-- account may be called a former tenant's since.
LEFT JOIN rent_account AS a
    ON a.landlord = t.landlord
    AND a.tenancy_ref = t.tenancy_ref
    AND a.account_type IN ('rent', 'former')
GROUP BY t.landlord, p.period_id, t.tenancy_ref, t.property_ref, t.tenure, t.start_on
