-- One row for each case that ended in the period.
SELECT
    x.landlord,
    p.period_id,
    x.application_ref AS case_ref,
    DATE_DIFF('day', x.received_on, x.registered_on) AS value,
    x.route
FROM application AS x
JOIN period AS p ON x.registered_on BETWEEN p.start_on AND p.end_on
