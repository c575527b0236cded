-- One row for each test of the service.
SELECT
    x.landlord,
    p.period_id,
    x.shop_ref AS case_ref,
    CASE WHEN x.passed THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    x.channel
FROM mystery_shop AS x
JOIN period AS p ON x.on_date BETWEEN p.start_on AND p.end_on
