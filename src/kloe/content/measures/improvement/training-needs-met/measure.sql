-- One row for each training need due in the period.
SELECT
    t.landlord,
    p.period_id,
    t.training_ref AS case_ref,
    CASE WHEN t.done_on <= t.due_on THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    t.subject
FROM staff_training AS t
JOIN period AS p ON t.due_on BETWEEN p.start_on AND p.end_on
WHERE t.identified_on IS NOT NULL
