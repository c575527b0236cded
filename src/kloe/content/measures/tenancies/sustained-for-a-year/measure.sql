-- One row for each tenancy whose first year ended in the period.
SELECT
    t.landlord,
    p.period_id,
    t.tenancy_ref AS case_ref,
    CASE WHEN t.end_on IS NULL OR t.end_on >= CAST(t.start_on + INTERVAL 1 YEAR AS DATE) THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    CASE
        WHEN t.tenure IN ('leaseholder', 'shared_owner') THEN 'not-rented'
        WHEN t.end_reason = 'death' AND t.end_on < CAST(t.start_on + INTERVAL 1 YEAR AS DATE) THEN 'death'
        ELSE NULL
    END AS excluded,
    t.property_ref,
    t.tenancy_ref
FROM tenancy AS t
JOIN period AS p ON CAST(t.start_on + INTERVAL 1 YEAR AS DATE) BETWEEN p.start_on AND p.end_on
