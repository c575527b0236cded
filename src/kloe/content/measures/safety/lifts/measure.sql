-- One row for each home or building that needs the check on the last day of the period.
SELECT
    q.landlord,
    p.period_id,
    q.asset_ref AS case_ref,
    CASE
        WHEN EXISTS (
            SELECT c.certificate_ref
            FROM compliance_certificate AS c
            WHERE c.landlord = q.landlord
                AND c.asset_ref = q.asset_ref
                AND c.asset_kind = q.asset_kind
                AND c.kind = q.kind
                AND c.issued_on <= p.end_on
                -- Where no day is given on which it runs out, its age decides.
                AND COALESCE(c.expires_on, c.issued_on + :days) >= p.end_on
        ) THEN q.homes
        ELSE 0
    END AS numerator,
    q.homes AS denominator,
    CASE WHEN q.homes IS NULL THEN 'homes-unknown' ELSE NULL END AS excluded,
    q.asset_kind
FROM safety_requirement AS q
JOIN period AS p
    ON COALESCE(q.from_on, p.end_on) <= p.end_on
    AND COALESCE(q.to_on, p.end_on) >= p.end_on
WHERE q.kind = 'lift' AND q.asset_kind = 'block'
