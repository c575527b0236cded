-- One row for each person employed on the last day.
SELECT
    s.landlord,
    p.period_id,
    s.staff_ref AS case_ref,
    CASE WHEN s.appraised_on > CAST(p.end_on - :months * INTERVAL 1 MONTH AS DATE) THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    CASE
        WHEN s.joined_on > CAST(p.end_on - :months * INTERVAL 1 MONTH AS DATE) THEN 'new'
        -- Only the last is kept: of the one before nothing is known.
        WHEN s.appraised_on > p.end_on THEN 'appraised-since'
        ELSE NULL
    END AS excluded,
    s.grade_band
FROM staff AS s
JOIN period AS p ON COALESCE(s.joined_on, p.end_on) <= p.end_on
WHERE s.left_on IS NULL OR s.left_on >= p.end_on
