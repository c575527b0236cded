-- One row for each project that ended in the period.
SELECT
    j.landlord,
    p.period_id,
    j.project_ref AS case_ref,
    -- In hundredths, so that nothing has to be divided.
    CASE
        WHEN CAST(j.outturn AS DECIMAL(14, 2)) * 100 <= CAST(j.budget AS DECIMAL(14, 2)) * (100 + :margin) THEN 1
        ELSE 0
    END AS numerator,
    1 AS denominator,
    CASE WHEN j.outturn IS NULL OR j.budget IS NULL THEN 'no-amounts' ELSE NULL END AS excluded,
    j.kind
FROM project AS j
JOIN period AS p ON j.actual_end_on BETWEEN p.start_on AND p.end_on
