-- One row for each contact about arrears. Steps in court and agreements are no contacts.
SELECT
    a.landlord,
    p.period_id,
    a.action_ref AS case_ref,
    CASE WHEN a.kind IN ('call', 'visit', 'meeting') THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    a.kind
FROM arrears_action AS a
JOIN period AS p ON a.action_on BETWEEN p.start_on AND p.end_on
WHERE a.kind IN ('letter', 'text_message', 'call', 'visit', 'meeting')
