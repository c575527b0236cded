-- One row for each survey of all tenants that ended in the period; each is a sample of its own.
SELECT
    s.landlord,
    p.period_id,
    s.survey_ref AS case_ref,
    COUNT(DISTINCT r.response_ref) AS numerator,
    s.population AS denominator,
    CASE WHEN s.population IS NULL THEN 'not-known' ELSE NULL END AS excluded,
    s.survey_ref AS stratum
FROM survey AS s
JOIN period AS p ON s.to_on BETWEEN p.start_on AND p.end_on
LEFT JOIN survey_response AS r ON r.landlord = s.landlord AND r.survey_ref = s.survey_ref
WHERE s.kind = 'perception'
GROUP BY s.landlord, p.period_id, s.survey_ref, s.population
