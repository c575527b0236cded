-- One row for each tenancy in force on the last day.
SELECT
    t.landlord,
    p.period_id,
    t.tenancy_ref AS case_ref,
    CASE
        WHEN GREATEST(t.start_on, t.last_checked_on) > CAST(p.end_on - :years * INTERVAL 1 YEAR AS DATE) THEN 1
        ELSE 0
    END AS numerator,
    1 AS denominator,
    CASE
        WHEN t.tenure IN ('leaseholder', 'shared_owner') THEN 'not-rented'
        -- Only the last is kept: of the one before nothing is known.
        WHEN t.last_checked_on > p.end_on AND t.start_on <= CAST(p.end_on - :years * INTERVAL 1 YEAR AS DATE) THEN 'checked-since'
        ELSE NULL
    END AS excluded,
    t.property_ref,
    t.tenancy_ref
FROM tenancy AS t
JOIN period AS p ON t.start_on <= p.end_on
WHERE t.end_on IS NULL OR t.end_on >= p.end_on
