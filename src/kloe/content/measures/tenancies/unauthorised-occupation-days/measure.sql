-- One row for each case that ended in the period.
SELECT
    x.landlord,
    p.period_id,
    x.case_ref AS case_ref,
    DATE_DIFF('day', x.reported_on, x.resolved_on) AS value
FROM tenancy_case AS x
JOIN period AS p ON x.resolved_on BETWEEN p.start_on AND p.end_on
WHERE x.kind = 'unauthorised'
