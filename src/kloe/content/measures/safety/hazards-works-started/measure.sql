-- One row for each hazard whose investigation ended in the period.
SELECT
    h.landlord,
    p.period_id,
    h.case_ref,
    CASE WHEN DATE_DIFF('day', h.investigated_on, h.works_started_on) <= :days THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    CASE
        WHEN h.works_started_on IS NULL AND DATE_DIFF('day', h.investigated_on, p.end_on) < :days THEN 'running'
        ELSE NULL
    END AS excluded,
    h.property_ref,
    h.kind
FROM hazard_case AS h
JOIN period AS p ON h.investigated_on BETWEEN p.start_on AND p.end_on
WHERE h.triage = 'significant'
    -- Where it is not recorded whether works are needed, works begun tell it.
    AND (h.works_needed OR h.works_started_on IS NOT NULL)
