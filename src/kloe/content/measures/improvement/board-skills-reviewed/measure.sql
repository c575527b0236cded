-- One row for each member of the board on the last day.
SELECT
    b.landlord,
    p.period_id,
    b.member_ref AS case_ref,
    CASE WHEN b.skills_review_on > CAST(p.end_on - :months * INTERVAL 1 MONTH AS DATE) THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    -- Only the last is kept: of the one before nothing is known.
    CASE WHEN b.skills_review_on > p.end_on THEN 'reviewed-since' ELSE NULL END AS excluded
FROM board_member AS b
JOIN period AS p ON COALESCE(b.joined_on, p.end_on) <= p.end_on
WHERE b.left_on IS NULL OR b.left_on >= p.end_on
