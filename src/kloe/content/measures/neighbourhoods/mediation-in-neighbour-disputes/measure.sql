-- One row for each dispute opened in the period.
SELECT
    c.landlord,
    p.period_id,
    c.case_ref,
    CASE
        WHEN EXISTS (
            SELECT a.action_ref
            FROM asb_action AS a
            WHERE
                a.landlord = c.landlord
                AND a.case_ref = c.case_ref
                AND a.remedy = 'mediation'
                AND a.action_on <= p.end_on
        ) THEN 1
        ELSE 0
    END AS numerator,
    1 AS denominator,
    c.property_ref
FROM asb_case AS c
JOIN period AS p ON CAST(c.opened_at AS DATE) BETWEEN p.start_on AND p.end_on
WHERE c.kind IN ('neighbour', 'noise')
