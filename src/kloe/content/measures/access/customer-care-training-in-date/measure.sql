-- One row for each person employed on the last day in a post that deals with customers.
SELECT
    s.landlord,
    p.period_id,
    s.staff_ref AS case_ref,
    CASE
        WHEN EXISTS (
            SELECT t.training_ref
            FROM staff_training AS t
            WHERE
                t.landlord = s.landlord
                AND t.staff_ref = s.staff_ref
                AND t.subject = 'customer_care'
                AND t.done_on <= p.end_on
                AND (t.valid_to IS NULL OR t.valid_to >= p.end_on)
        ) THEN 1
        ELSE 0
    END AS numerator,
    1 AS denominator,
    s.grade_band
FROM staff AS s
JOIN period AS p ON COALESCE(s.joined_on, p.end_on) <= p.end_on
WHERE s.customer_facing AND (s.left_on IS NULL OR s.left_on >= p.end_on)
