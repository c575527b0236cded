-- One row for each forced entry for gas in the period.
SELECT
    f.landlord,
    p.period_id,
    f.attempt_ref AS case_ref,
    CASE WHEN COUNT(b.attempt_ref) >= :attempts AND f.legal_sign_off THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    f.property_ref
FROM access_attempt AS f
JOIN period AS p ON f.attempted_on BETWEEN p.start_on AND p.end_on
-- What was tried before, for gas as well, within the days that count.
LEFT JOIN access_attempt AS b
    ON b.landlord = f.landlord
    AND b.property_ref = f.property_ref
    AND b.kind = 'gas'
    AND b.stage <> 'forced'
    AND b.attempted_on < f.attempted_on
    AND b.attempted_on + :days >= f.attempted_on
WHERE f.stage = 'forced' AND f.kind = 'gas'
GROUP BY f.landlord, p.period_id, f.attempt_ref, f.property_ref, f.legal_sign_off
