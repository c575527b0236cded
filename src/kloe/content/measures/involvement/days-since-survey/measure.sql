-- One row: the last survey of all tenants, by a method others use too, that had ended by the
-- last day of the period.
SELECT
    s.landlord,
    p.period_id,
    'last survey' AS case_ref,
    DATE_DIFF('day', MAX(s.to_on), p.end_on) AS value
FROM survey AS s
JOIN period AS p ON s.to_on <= p.end_on
WHERE s.kind = 'perception' AND s.standard IN ('tsm', 'star', 'status')
GROUP BY s.landlord, p.period_id, p.end_on
