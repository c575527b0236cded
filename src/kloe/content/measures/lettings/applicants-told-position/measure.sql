-- One row for each application live on the last day.
SELECT
    a.landlord,
    p.period_id,
    a.application_ref AS case_ref,
    CASE WHEN a.position_notice_on > CAST(p.end_on - :months * INTERVAL 1 MONTH AS DATE) THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    CASE
        WHEN a.received_on > CAST(p.end_on - :months * INTERVAL 1 MONTH AS DATE) THEN 'new'
        -- Only the last is kept: of the one before nothing is known.
        WHEN a.position_notice_on > p.end_on THEN 'told-since'
        ELSE NULL
    END AS excluded,
    a.person_ref,
    a.band
FROM application AS a
JOIN period AS p ON a.received_on <= p.end_on
WHERE a.closed_on > p.end_on OR (a.closed_on IS NULL AND a.status IN ('live', 'suspended'))
