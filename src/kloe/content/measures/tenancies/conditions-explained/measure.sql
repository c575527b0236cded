-- One row for each tenancy that starts in the period.
SELECT
    t.landlord,
    p.period_id,
    t.tenancy_ref AS case_ref,
    CASE WHEN t.conditions_explained_on <= t.start_on THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    CASE WHEN t.tenure IN ('leaseholder', 'shared_owner') THEN 'not-rented' ELSE NULL END AS excluded,
    t.property_ref,
    t.tenancy_ref,
    t.tenure
FROM tenancy AS t
JOIN period AS p ON t.start_on BETWEEN p.start_on AND p.end_on
