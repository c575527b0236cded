-- One row for each finished repair that was inspected.
SELECT
    r.landlord,
    p.period_id,
    r.job_ref AS case_ref,
    CASE WHEN r.post_selected_by = 'risk' THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    CASE WHEN r.post_selected_by IS NULL THEN 'not-recorded' ELSE NULL END AS excluded,
    r.trade,
    r.contractor,
    r.priority
FROM repair_job AS r
JOIN period AS p ON CAST(r.completed_at AS DATE) BETWEEN p.start_on AND p.end_on
WHERE r.post_inspected AND r.status = 'completed' AND r.priority <> 'planned'
