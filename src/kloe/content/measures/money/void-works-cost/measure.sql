-- One row for each empty home whose works ended in the period.
SELECT
    v.landlord,
    p.period_id,
    v.void_ref AS case_ref,
    v.cost AS value,
    CASE
        WHEN v.held THEN 'held'
        WHEN v.cost IS NULL THEN 'no-cost'
        ELSE NULL
    END AS excluded,
    v.property_ref,
    v.works_class
FROM void AS v
JOIN period AS p ON v.works_to BETWEEN p.start_on AND p.end_on
