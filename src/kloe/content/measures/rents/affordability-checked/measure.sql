-- One row for each letting.
SELECT
    l.landlord,
    p.period_id,
    l.letting_ref AS case_ref,
    CASE WHEN l.affordability_check_on <= l.accepted_on THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    CASE
        WHEN l.renewal THEN 'renewal'
        WHEN l.affordability_check_on IS NOT NULL AND l.accepted_on IS NULL THEN 'no-acceptance-day'
        ELSE NULL
    END AS excluded,
    l.property_ref,
    l.tenancy_ref,
    l.route
FROM letting AS l
JOIN period AS p ON l.let_on BETWEEN p.start_on AND p.end_on
