-- One row for each case open on the last day.
SELECT
    c.landlord,
    p.period_id,
    c.case_ref,
    CASE WHEN c.last_update_on >= p.end_on - :days THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    CASE
        WHEN CAST(c.opened_at AS DATE) >= p.end_on - :days THEN 'new'
        -- Only the last is kept: of the one before nothing is known.
        WHEN c.last_update_on > p.end_on THEN 'told-since'
        ELSE NULL
    END AS excluded,
    c.property_ref,
    c.person_ref,
    c.category
FROM asb_case AS c
JOIN period AS p ON CAST(c.opened_at AS DATE) <= p.end_on
WHERE c.closed_on IS NULL OR c.closed_on > p.end_on
