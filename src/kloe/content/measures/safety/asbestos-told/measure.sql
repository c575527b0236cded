-- One row for each intrusive repair ordered in the period.
SELECT
    r.landlord,
    p.period_id,
    r.job_ref AS case_ref,
    CASE WHEN r.asbestos_info_issued THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    CASE
        WHEN r.status = 'cancelled' THEN 'cancelled'
        WHEN h.build_year >= :year THEN 'built-later'
        ELSE NULL
    END AS excluded,
    r.property_ref,
    r.trade,
    r.contractor
FROM repair_job AS r
JOIN period AS p ON CAST(r.ordered_at AS DATE) BETWEEN p.start_on AND p.end_on
LEFT JOIN property AS h ON h.landlord = r.landlord AND h.property_ref = r.property_ref
WHERE r.intrusive
