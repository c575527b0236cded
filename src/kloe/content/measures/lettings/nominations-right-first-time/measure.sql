-- One row for each request of the period.
SELECT
    n.landlord,
    p.period_id,
    n.nomination_ref AS case_ref,
    CASE WHEN n.result = 'accepted' AND n.received_on <= n.due_on THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    CASE WHEN COALESCE(n.result, 'open') = 'open' THEN 'open' ELSE NULL END AS excluded
FROM nomination AS n
JOIN period AS p ON n.requested_on BETWEEN p.start_on AND p.end_on
