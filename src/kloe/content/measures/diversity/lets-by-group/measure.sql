-- Two rows for each applicant, one for each characteristic.
WITH waiting AS (
    SELECT
        a.landlord,
        p.period_id,
        a.application_ref,
        a.band,
        c.characteristic,
        CASE
            WHEN c.characteristic = 'ethnicity' THEN NULLIF(x.ethnicity, 'not_said')
            ELSE NULLIF(x.disability, 'not_said')
        END AS grp,
        p.start_on,
        p.end_on
    FROM application AS a
    JOIN period AS p ON COALESCE(a.registered_on, a.received_on) <= p.end_on
    LEFT JOIN person AS x ON x.landlord = a.landlord AND x.person_ref = a.person_ref
    CROSS JOIN (
        SELECT 'ethnicity' AS characteristic
        UNION ALL
        SELECT 'disability' AS characteristic
    ) AS c
    WHERE
        (a.closed_on IS NULL OR a.closed_on >= p.start_on)
        AND a.band IN (:bands)
)

SELECT
    w.landlord,
    w.period_id,
    w.application_ref AS case_ref,
    CASE
        WHEN EXISTS (
            SELECT l.letting_ref
            FROM letting AS l
            WHERE
                l.landlord = w.landlord
                AND l.application_ref = w.application_ref
                AND l.let_on BETWEEN w.start_on AND w.end_on
        ) THEN 1
        ELSE 0
    END AS numerator,
    1 AS denominator,
    CASE WHEN w.grp IS NULL THEN 'not-known' ELSE NULL END AS excluded,
    w.characteristic,
    w.grp,
    w.band
FROM waiting AS w
