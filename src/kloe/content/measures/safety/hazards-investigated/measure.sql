-- One row for each significant hazard reported in the period.
SELECT
    h.landlord,
    p.period_id,
    h.case_ref,
    CASE WHEN WEEKDAYS_BETWEEN(CAST(h.reported_at AS DATE), h.investigated_on) <= :days THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    CASE
        WHEN h.investigated_on IS NULL AND WEEKDAYS_BETWEEN(CAST(h.reported_at AS DATE), p.end_on) < :days THEN 'running'
        ELSE NULL
    END AS excluded,
    h.property_ref,
    h.kind
FROM hazard_case AS h
JOIN period AS p ON CAST(h.reported_at AS DATE) BETWEEN p.start_on AND p.end_on
WHERE h.triage = 'significant'
