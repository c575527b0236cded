-- One row for each viewing.
SELECT
    x.landlord,
    p.period_id,
    x.offer_ref AS case_ref,
    CASE WHEN x.viewing_accompanied THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    x.result
FROM offer AS x
JOIN period AS p ON x.viewed_on BETWEEN p.start_on AND p.end_on
