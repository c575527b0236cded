-- One row for each tenancy whose time for the first visit ran out in the period.
SELECT
    t.landlord,
    p.period_id,
    t.tenancy_ref AS case_ref,
    CASE
        WHEN EXISTS (
            SELECT v.visit_ref
            FROM tenancy_visit AS v
            WHERE
                v.landlord = t.landlord
                AND v.tenancy_ref = t.tenancy_ref
                AND v.kind = 'new_tenant'
                AND v.done_on BETWEEN t.start_on AND t.start_on + :days
        ) THEN 1
        ELSE 0
    END AS numerator,
    1 AS denominator,
    CASE
        WHEN t.tenure IN ('leaseholder', 'shared_owner') THEN 'not-rented'
        WHEN t.end_on < t.start_on + :days THEN 'ended'
        ELSE NULL
    END AS excluded,
    t.property_ref,
    t.tenancy_ref
FROM tenancy AS t
JOIN period AS p ON t.start_on + :days BETWEEN p.start_on AND p.end_on
