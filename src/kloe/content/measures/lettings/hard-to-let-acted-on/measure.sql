-- One row for each home hard to let, by the day until which something was to be decided.
SELECT
    v.landlord,
    p.period_id,
    v.void_ref AS case_ref,
    CASE WHEN v.hard_to_let_action_on <= v.ended_on + :days THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    v.property_ref
FROM void AS v
JOIN period AS p ON v.ended_on + :days BETWEEN p.start_on AND p.end_on
WHERE v.hard_to_let
