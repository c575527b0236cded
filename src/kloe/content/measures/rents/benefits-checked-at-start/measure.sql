-- One row for each tenancy that starts in the period. Checks are kept with the letting, or as
-- referrals of the tenancy.
WITH checks AS (
    SELECT
        l.landlord,
        l.tenancy_ref,
        l.benefits_check_on AS checked_on
    FROM letting AS l
    UNION ALL
    SELECT
        r.landlord,
        r.tenancy_ref,
        COALESCE(r.seen_on, r.referred_on) AS checked_on
    FROM advice_referral AS r
    WHERE r.kind = 'benefits_check'
)

SELECT
    t.landlord,
    p.period_id,
    t.tenancy_ref AS case_ref,
    CASE WHEN COUNT(c.checked_on) > 0 THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    CASE
        WHEN t.tenure IN ('leaseholder', 'shared_owner') THEN 'not-rented'
        WHEN h.property_type IN ('garage', 'parking') THEN 'no-home'
        ELSE NULL
    END AS excluded,
    t.property_ref,
    t.tenancy_ref,
    t.tenure
FROM tenancy AS t
JOIN period AS p ON t.start_on BETWEEN p.start_on AND p.end_on
LEFT JOIN property AS h
    ON h.landlord = t.landlord
    AND h.property_ref = t.property_ref
LEFT JOIN checks AS c
    ON c.landlord = t.landlord
    AND c.tenancy_ref = t.tenancy_ref
    AND c.checked_on <= t.start_on + :days
GROUP BY t.landlord, p.period_id, t.tenancy_ref, t.property_ref, t.tenure, h.property_type
