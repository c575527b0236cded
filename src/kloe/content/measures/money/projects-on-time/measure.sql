-- One row for each project planned to end in the period.
SELECT
    j.landlord,
    p.period_id,
    j.project_ref AS case_ref,
    CASE WHEN j.actual_end_on <= j.planned_end_on THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    j.kind
FROM project AS j
JOIN period AS p ON j.planned_end_on BETWEEN p.start_on AND p.end_on
