-- One row for each case due in the period.
SELECT
    x.landlord,
    p.period_id,
    x.inspection_ref AS case_ref,
    CASE WHEN x.made_safe_on <= x.target_on THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    x.estate
FROM asset_inspection AS x
JOIN period AS p ON x.target_on BETWEEN p.start_on AND p.end_on
WHERE x.defect
