-- One row for each home let again in the period.
SELECT
    v.landlord,
    p.period_id,
    v.void_ref AS case_ref,
    CASE WHEN DATE_DIFF('day', v.ended_on, v.let_on) - 1 <= v.target_days THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    CASE
        WHEN v.held THEN 'held'
        WHEN v.target_days IS NULL THEN 'no-target'
        ELSE NULL
    END AS excluded,
    v.property_ref,
    v.works_class
FROM void AS v
JOIN period AS p ON v.let_on BETWEEN p.start_on AND p.end_on
