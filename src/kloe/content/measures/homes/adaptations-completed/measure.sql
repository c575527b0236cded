-- One row for each adaptation approved and not yet completed when the period began, or approved in it.
SELECT
    a.landlord,
    p.period_id,
    a.case_ref,
    CASE WHEN a.completed_on <= p.end_on THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    CASE WHEN a.status IN ('withdrawn', 'refused') THEN 'withdrawn' ELSE NULL END AS excluded,
    a.property_ref,
    a.person_ref,
    a.class,
    a.funding
FROM adaptation AS a
JOIN period AS p
    ON a.approved_on <= p.end_on
    AND (a.completed_on IS NULL OR a.completed_on >= p.start_on)
