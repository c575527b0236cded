-- One row for each survey that ended in the period.
SELECT
    s.landlord,
    p.period_id,
    s.survey_ref AS case_ref,
    COUNT(DISTINCT r.response_ref) AS numerator,
    s.invited AS denominator,
    CASE WHEN s.invited IS NULL THEN 'not-known' ELSE NULL END AS excluded,
    s.method,
    s.kind
FROM survey AS s
JOIN period AS p ON s.to_on BETWEEN p.start_on AND p.end_on
LEFT JOIN survey_response AS r ON r.landlord = s.landlord AND r.survey_ref = s.survey_ref
GROUP BY s.landlord, p.period_id, s.survey_ref, s.invited, s.method, s.kind
