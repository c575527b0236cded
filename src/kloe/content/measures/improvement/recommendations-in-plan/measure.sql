-- One row for each accepted recommendation, however old.
SELECT
    r.landlord,
    p.period_id,
    r.recommendation_ref AS case_ref,
    CASE
        WHEN EXISTS (
            SELECT a.action_ref
            FROM action AS a
            WHERE
                a.landlord = r.landlord
                AND a.recommendation_ref = r.recommendation_ref
                AND a.made_on <= p.end_on
        ) THEN 1
        ELSE 0
    END AS numerator,
    1 AS denominator,
    r.origin
FROM recommendation AS r
JOIN period AS p ON r.made_on <= p.end_on
WHERE r.accepted
