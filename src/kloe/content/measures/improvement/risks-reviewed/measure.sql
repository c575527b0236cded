-- One row for each risk open on the last day. A review that is due only later is not judged.
SELECT
    r.landlord,
    p.period_id,
    r.risk_ref AS case_ref,
    CASE WHEN r.reviewed_on > CAST(r.review_due_on - :days * INTERVAL 1 DAY AS DATE) AND r.reviewed_on <= r.review_due_on THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    CASE
        WHEN r.review_due_on IS NULL THEN 'no-date'
        WHEN r.review_due_on > p.end_on THEN 'not-yet-due'
        ELSE NULL
    END AS excluded
FROM risk AS r
JOIN period AS p ON r.opened_on <= p.end_on
WHERE r.closed_on IS NULL OR r.closed_on > p.end_on
