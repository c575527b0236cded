-- One row for each home let again in the period after minor works or none, meant for general
-- needs. From the day after the tenancy ended to the day the next one began.
SELECT
    v.landlord,
    p.period_id,
    v.void_ref AS case_ref,
    DATE_DIFF('day', v.ended_on, v.let_on) - 1 AS value,
    v.property_ref
FROM void AS v
JOIN period AS p ON v.let_on BETWEEN p.start_on AND p.end_on
JOIN property AS h ON h.landlord = v.landlord AND h.property_ref = v.property_ref
WHERE
    (v.works_class IS NULL OR v.works_class <> 'major')
    AND v.held IS NOT TRUE
    AND h.needs_type = 'general_needs'
