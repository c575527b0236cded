-- One row for each member of the board and each person of the staff who has to declare. Only the last
-- declaration is kept: where it came after the period, of the one before nothing is known.
SELECT
    b.landlord,
    p.period_id,
    b.member_ref AS case_ref,
    CASE WHEN b.declaration_on > CAST(p.end_on - :months * INTERVAL 1 MONTH AS DATE) THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    CASE WHEN b.declaration_on > p.end_on THEN 'declared-since' ELSE NULL END AS excluded,
    'board' AS body
FROM board_member AS b
JOIN period AS p ON COALESCE(b.joined_on, p.end_on) <= p.end_on
WHERE b.left_on IS NULL OR b.left_on >= p.end_on
UNION ALL
SELECT
    s.landlord,
    p.period_id,
    s.staff_ref AS case_ref,
    CASE WHEN s.declaration_on > CAST(p.end_on - :months * INTERVAL 1 MONTH AS DATE) THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    CASE WHEN s.declaration_on > p.end_on THEN 'declared-since' ELSE NULL END AS excluded,
    'staff' AS body
FROM staff AS s
JOIN period AS p ON COALESCE(s.joined_on, p.end_on) <= p.end_on
WHERE (s.left_on IS NULL OR s.left_on >= p.end_on) AND s.declaration_required
