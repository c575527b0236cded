-- One row for each new tenancy of a vulnerable household.
SELECT
    t.landlord,
    p.period_id,
    t.tenancy_ref AS case_ref,
    CASE
        WHEN EXISTS (
            SELECT s.plan_ref
            FROM support_plan AS s
            WHERE
                s.landlord = t.landlord
                AND s.tenancy_ref = t.tenancy_ref
                AND s.agreed_on <= t.start_on
        ) THEN 1
        ELSE 0
    END AS numerator,
    1 AS denominator,
    t.property_ref,
    t.tenancy_ref
FROM tenancy AS t
JOIN period AS p ON t.start_on BETWEEN p.start_on AND p.end_on
WHERE t.vulnerable_at_start
