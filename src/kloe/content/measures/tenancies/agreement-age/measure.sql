-- One row for each tenancy agreement or handbook in force.
SELECT
    d.landlord,
    p.period_id,
    d.document_ref AS case_ref,
    DATE_DIFF('day', d.last_reviewed_on, p.end_on) AS value,
    d.kind
FROM policy_document AS d
JOIN period AS p ON d.last_reviewed_on <= p.end_on
WHERE d.in_force AND d.kind IN ('tenancy_agreement', 'handbook')
