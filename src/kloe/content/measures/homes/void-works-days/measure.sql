-- One row for each empty home whose works ended in the period.
SELECT
    v.landlord,
    p.period_id,
    v.void_ref AS case_ref,
    DATE_DIFF('day', v.works_from, v.works_to) AS value,
    CASE
        WHEN v.held THEN 'held'
        WHEN v.works_from IS NULL THEN 'no-begin'
        ELSE NULL
    END AS excluded,
    v.property_ref,
    v.works_class
FROM void AS v
JOIN period AS p ON v.works_to BETWEEN p.start_on AND p.end_on
