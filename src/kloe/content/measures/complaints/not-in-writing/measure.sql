-- One row for each complaint at the first stage.
SELECT
    c.landlord,
    p.period_id,
    c.complaint_ref AS case_ref,
    CASE WHEN c.channel IN ('telephone', 'visit', 'social_media', 'representative') THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    CASE WHEN c.channel IS NULL THEN 'no-channel' ELSE NULL END AS excluded,
    c.person_ref
FROM complaint AS c
JOIN period AS p ON c.received_on BETWEEN p.start_on AND p.end_on
WHERE c.stage = '1'
