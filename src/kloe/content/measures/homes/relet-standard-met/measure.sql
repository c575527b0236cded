-- One row for each empty home inspected in the period.
SELECT
    v.landlord,
    p.period_id,
    v.void_ref AS case_ref,
    CASE WHEN v.relet_standard_pass THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    CASE WHEN v.relet_standard_pass IS NULL THEN 'no-result' ELSE NULL END AS excluded,
    v.property_ref,
    v.works_class
FROM void AS v
JOIN period AS p ON v.inspected_on BETWEEN p.start_on AND p.end_on
