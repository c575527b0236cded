-- One row for each answer to the question, in a survey of all tenants.
SELECT
    r.landlord,
    p.period_id,
    r.response_ref AS case_ref,
    CASE WHEN r.answer IN ('very_satisfied', 'fairly_satisfied') THEN COALESCE(r.weight, 1) ELSE 0 END AS numerator,
    COALESCE(r.weight, 1) AS denominator,
    CASE
        WHEN r.answer IN ('very_satisfied', 'fairly_satisfied', 'neither', 'fairly_dissatisfied', 'very_dissatisfied')
            THEN NULL
        ELSE 'no-opinion'
    END AS excluded,
    r.person_ref,
    s.method
FROM survey_response AS r
JOIN survey AS s ON s.landlord = r.landlord AND s.survey_ref = r.survey_ref AND s.kind = 'perception'
-- An answer without a day stands on the last day of its survey.
JOIN period AS p ON COALESCE(r.answered_on, s.to_on) BETWEEN p.start_on AND p.end_on
WHERE r.question_code = 'TP08'
