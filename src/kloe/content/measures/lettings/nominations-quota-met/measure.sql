-- One row for each letting that is neither a transfer, an exchange nor a renewal. A home can be
-- covered by an agreement for its area and by one for all areas; their shares are added up.
SELECT
    l.landlord,
    p.period_id,
    l.letting_ref AS case_ref,
    CASE WHEN l.nomination THEN 1 ELSE 0 END AS numerator,
    SUM(g.quota_share) AS denominator,
    CASE WHEN COUNT(g.agreement_ref) = 0 THEN 'no-agreement' ELSE NULL END AS excluded,
    l.property_ref
FROM letting AS l
JOIN period AS p ON l.let_on BETWEEN p.start_on AND p.end_on
LEFT JOIN property AS h ON h.landlord = l.landlord AND h.property_ref = l.property_ref
LEFT JOIN nomination_agreement AS g
    ON g.landlord = l.landlord
    AND g.from_on <= p.end_on
    AND (g.to_on IS NULL OR g.to_on >= p.end_on)
    AND (g.area IS NULL OR g.area = h.area)
WHERE
    (l.route IS NULL OR l.route NOT IN ('transfer', 'exchange'))
    AND l.renewal IS NOT TRUE
GROUP BY l.landlord, p.period_id, l.letting_ref, l.nomination, l.property_ref
