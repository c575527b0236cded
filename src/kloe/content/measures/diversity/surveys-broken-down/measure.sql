-- One row for each survey that ended in the period.
SELECT
    x.landlord,
    p.period_id,
    x.survey_ref AS case_ref,
    CASE WHEN x.broken_down THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    x.kind
FROM survey AS x
JOIN period AS p ON x.to_on BETWEEN p.start_on AND p.end_on
