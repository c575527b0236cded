-- One row for each hazard whose investigation ended in the period.
SELECT
    h.landlord,
    p.period_id,
    h.case_ref,
    CASE WHEN WEEKDAYS_BETWEEN(h.investigated_on, h.summary_sent_on) <= :days THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    CASE
        WHEN h.summary_sent_on IS NULL AND WEEKDAYS_BETWEEN(h.investigated_on, p.end_on) < :days THEN 'running'
        ELSE NULL
    END AS excluded,
    h.property_ref,
    h.triage,
    h.kind
FROM hazard_case AS h
JOIN period AS p ON h.investigated_on BETWEEN p.start_on AND p.end_on
WHERE h.triage IN ('emergency', 'significant')
