-- One row for each tenant.
SELECT
    m.landlord,
    p.period_id,
    m.person_ref AS case_ref,
    CASE WHEN COUNT(x.comm_preference) > 0 THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    m.person_ref
FROM tenancy_member AS m
JOIN tenancy AS t ON t.landlord = m.landlord AND t.tenancy_ref = m.tenancy_ref
JOIN period AS p ON t.start_on <= p.end_on
JOIN person AS x ON x.landlord = m.landlord AND x.person_ref = m.person_ref
WHERE
    m.role IN ('lead', 'joint')
    AND (t.end_on IS NULL OR t.end_on >= p.end_on)
    AND (m.from_on IS NULL OR m.from_on <= p.end_on)
    AND (m.to_on IS NULL OR m.to_on >= p.end_on)
GROUP BY m.landlord, p.period_id, m.person_ref
