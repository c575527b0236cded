-- One row for each gas safety check that ran out in the period.
WITH checks AS (
    SELECT
        c.landlord,
        c.asset_ref,
        c.asset_kind,
        c.issued_on,
        c.expires_on,
        -- The day the one before ran out: as recorded with this one, or from the one before itself.
        COALESCE(
            c.previous_expires_on,
            LAG(c.expires_on) OVER (
                PARTITION BY c.landlord, c.asset_ref, c.asset_kind ORDER BY c.issued_on, c.certificate_ref
            )
        ) AS ran_out_on,
        LEAD(c.issued_on) OVER (
            PARTITION BY c.landlord, c.asset_ref, c.asset_kind ORDER BY c.issued_on, c.certificate_ref
        ) AS next_on
    FROM compliance_certificate AS c
    WHERE c.kind = 'gas'
),

due AS (
    SELECT c.landlord, c.asset_ref, c.asset_kind, c.ran_out_on AS due_on, c.issued_on AS done_on
    FROM checks AS c
    UNION ALL
    -- The latest of each home or building, which nothing has followed yet.
    SELECT c.landlord, c.asset_ref, c.asset_kind, c.expires_on AS due_on, c.next_on AS done_on
    FROM checks AS c
    WHERE c.next_on IS NULL
)

SELECT
    d.landlord,
    p.period_id,
    d.asset_ref AS case_ref,
    CASE
        WHEN d.done_on > d.due_on THEN 1
        -- One that runs out on the last day may still be renewed in time that day.
        WHEN d.done_on IS NULL AND d.due_on < p.end_on THEN 1
        ELSE 0
    END AS numerator,
    1 AS denominator,
    CASE WHEN q.to_on < d.due_on OR h.disposed_on <= d.due_on THEN 'not-needed' ELSE NULL END AS excluded,
    h.property_ref,
    d.asset_kind
FROM due AS d
JOIN period AS p ON d.due_on BETWEEN p.start_on AND p.end_on
LEFT JOIN safety_requirement AS q
    ON q.landlord = d.landlord
    AND q.asset_ref = d.asset_ref
    AND q.asset_kind = d.asset_kind
    AND q.kind = 'gas'
LEFT JOIN property AS h
    ON h.landlord = d.landlord
    AND h.property_ref = d.asset_ref
    AND d.asset_kind = 'property'
