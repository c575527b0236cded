-- One row for each case of the period.
SELECT
    x.landlord,
    p.period_id,
    x.offer_ref AS case_ref,
    CASE WHEN x.refusal_reason = 'other' THEN 1 ELSE 0 END AS numerator,
    1 AS denominator
FROM offer AS x
JOIN period AS p ON x.offered_on BETWEEN p.start_on AND p.end_on
WHERE x.result = 'refused' AND x.refusal_reason IS NOT NULL
