-- One row for each kind of remedy used in the period. News to the person who reported it and
-- support to a victim are no remedies against who causes it.
SELECT
    a.landlord,
    p.period_id,
    a.remedy AS case_ref,
    1 AS numerator,
    0 AS denominator
FROM asb_action AS a
JOIN period AS p ON a.action_on BETWEEN p.start_on AND p.end_on
WHERE a.remedy NOT IN ('update', 'victim_support', 'other')
GROUP BY a.landlord, p.period_id, a.remedy
