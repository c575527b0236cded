-- One row for each action set in the period. An empty text is no text.
SELECT
    a.landlord,
    p.period_id,
    a.action_ref AS case_ref,
    CASE
        WHEN
            a.owner IS NOT NULL
            AND a.due_on IS NOT NULL
            AND TRIM(a.measure) <> ''
            AND TRIM(a.target) <> ''
            AND (a.needs_money IS NOT TRUE OR a.budget IS NOT NULL)
            THEN 1
        ELSE 0
    END AS numerator,
    1 AS denominator,
    a.origin
FROM action AS a
JOIN period AS p ON a.made_on BETWEEN p.start_on AND p.end_on
