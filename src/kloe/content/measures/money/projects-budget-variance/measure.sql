-- One row for each project that ended in the period.
SELECT
    j.landlord,
    p.period_id,
    j.project_ref AS case_ref,
    j.outturn - j.budget AS numerator,
    j.budget AS denominator,
    CASE WHEN j.outturn IS NULL OR j.budget IS NULL THEN 'no-amounts' ELSE NULL END AS excluded,
    j.kind
FROM project AS j
JOIN period AS p ON j.actual_end_on BETWEEN p.start_on AND p.end_on
