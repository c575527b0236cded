-- One row for each recommendation of residents that was accepted.
SELECT
    r.landlord,
    p.period_id,
    r.recommendation_ref AS case_ref,
    CASE WHEN r.implemented_on <= p.end_on THEN 1 ELSE 0 END AS numerator,
    1 AS denominator
FROM recommendation AS r
JOIN period AS p
    ON r.made_on > CAST(p.end_on - :years * INTERVAL 1 YEAR AS DATE)
    AND r.made_on <= p.end_on
WHERE r.origin = 'residents' AND r.accepted
