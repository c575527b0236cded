-- One row for each emergency hazard reported in the period.
SELECT
    h.landlord,
    p.period_id,
    h.case_ref,
    CASE
        WHEN MINUTES_BETWEEN(h.reported_at, h.made_safe_at) <= :hours * 60 THEN 1
        -- Where only the day is kept, a home safe by the end of the next day is given the benefit of the doubt.
        WHEN h.made_safe_at IS NULL AND DATE_DIFF('day', CAST(h.reported_at AS DATE), h.made_safe_on) * 24 <= :hours THEN 1
        ELSE 0
    END AS numerator,
    1 AS denominator,
    CASE
        WHEN h.made_safe_at IS NULL
            AND h.made_safe_on IS NULL
            AND MINUTES_BETWEEN(h.reported_at, CAST(CAST(p.end_on + INTERVAL 1 DAY AS DATE) AS TIMESTAMP)) < :hours * 60
            THEN 'running'
        ELSE NULL
    END AS excluded,
    h.property_ref,
    h.kind
FROM hazard_case AS h
JOIN period AS p ON CAST(h.reported_at AS DATE) BETWEEN p.start_on AND p.end_on
WHERE h.triage = 'emergency'
