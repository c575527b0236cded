-- Three rows for each answer of a known person, one for each characteristic.
WITH answered AS (
    SELECT
        r.landlord,
        p.period_id,
        r.response_ref,
        CASE WHEN r.answer IN ('very_satisfied', 'fairly_satisfied') THEN 1 ELSE 0 END AS satisfied,
        c.characteristic,
        CASE
            WHEN c.characteristic = 'ethnicity' THEN NULLIF(x.ethnicity, 'not_said')
            WHEN c.characteristic = 'disability' THEN NULLIF(x.disability, 'not_said')
            WHEN EXTRACT(YEAR FROM p.end_on) - x.birth_year < 35 THEN 'under 35'
            WHEN EXTRACT(YEAR FROM p.end_on) - x.birth_year < 55 THEN '35-54'
            WHEN x.birth_year IS NOT NULL THEN '55 and over'
            ELSE NULL
        END AS grp
    FROM survey_response AS r
    JOIN survey AS s ON s.landlord = r.landlord AND s.survey_ref = r.survey_ref AND s.kind = 'perception'
    JOIN period AS p ON COALESCE(r.answered_on, s.to_on) BETWEEN p.start_on AND p.end_on
    JOIN person AS x ON x.landlord = r.landlord AND x.person_ref = r.person_ref
    CROSS JOIN (
        SELECT 'ethnicity' AS characteristic
        UNION ALL
        SELECT 'disability' AS characteristic
        UNION ALL
        SELECT 'age' AS characteristic
    ) AS c
    WHERE
        r.question_code = 'TP01'
        AND r.answer IN ('very_satisfied', 'fairly_satisfied', 'neither', 'fairly_dissatisfied', 'very_dissatisfied')
)

SELECT
    a.landlord,
    a.period_id,
    a.response_ref AS case_ref,
    a.satisfied AS numerator,
    1 AS denominator,
    CASE WHEN a.grp IS NULL THEN 'not-known' ELSE NULL END AS excluded,
    a.characteristic,
    a.grp
FROM answered AS a
