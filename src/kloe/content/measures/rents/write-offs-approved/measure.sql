-- One row for each account with write-offs that are in order, one for each with some that are not.
WITH written AS (
    SELECT
        t.landlord,
        p.period_id,
        t.account_ref,
        CASE WHEN t.reason IS NOT NULL AND t.approved_by IS NOT NULL THEN 1 ELSE 0 END AS in_order
    FROM rent_transaction AS t
    JOIN period AS p ON t.posted_on BETWEEN p.start_on AND p.end_on
    WHERE t.kind = 'write_off'
)

SELECT
    w.landlord,
    w.period_id,
    w.account_ref AS case_ref,
    SUM(w.in_order) AS numerator,
    COUNT(*) AS denominator
FROM written AS w
GROUP BY w.landlord, w.period_id, w.account_ref, w.in_order
