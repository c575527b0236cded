-- One row for each answer to the question.
SELECT
    r.landlord,
    p.period_id,
    r.response_ref AS case_ref,
    CASE WHEN r.answer = 'yes' THEN COALESCE(r.weight, 1) ELSE 0 END AS numerator,
    COALESCE(r.weight, 1) AS denominator,
    CASE WHEN r.answer IN ('yes', 'no') THEN NULL ELSE 'no-answer' END AS excluded,
    r.person_ref
FROM survey_response AS r
JOIN survey AS s ON s.landlord = r.landlord AND s.survey_ref = r.survey_ref
-- An answer without a day stands on the last day of its survey.
JOIN period AS p ON COALESCE(r.answered_on, s.to_on) BETWEEN p.start_on AND p.end_on
WHERE r.question_code = 'compact_known'
