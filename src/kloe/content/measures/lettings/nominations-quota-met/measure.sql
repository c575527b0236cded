-- One row for each letting that is neither a transfer, an exchange nor a renewal.
WITH agreed AS (
    SELECT
        g.landlord,
        p.period_id,
        SUM(g.quota_share) AS quota
    FROM nomination_agreement AS g
    JOIN period AS p ON g.from_on <= p.end_on
    WHERE g.to_on IS NULL OR g.to_on >= p.end_on
    GROUP BY g.landlord, p.period_id
)

SELECT
    l.landlord,
    p.period_id,
    l.letting_ref AS case_ref,
    CASE WHEN l.nomination THEN 1 ELSE 0 END AS numerator,
    a.quota AS denominator,
    l.property_ref
FROM letting AS l
JOIN period AS p ON l.let_on BETWEEN p.start_on AND p.end_on
JOIN agreed AS a ON a.landlord = l.landlord AND a.period_id = p.period_id
WHERE
    (l.route IS NULL OR l.route NOT IN ('transfer', 'exchange'))
    AND l.renewal IS NOT TRUE
