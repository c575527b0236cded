-- One row for each stage of a complaint received in the period.
SELECT
    c.landlord,
    p.period_id,
    c.complaint_ref || '/' || c.stage AS case_ref,
    CASE WHEN WEEKDAYS_BETWEEN(c.received_on, c.acknowledged_on) <= :days THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    CASE
        WHEN c.acknowledged_on IS NULL AND WEEKDAYS_BETWEEN(c.received_on, p.end_on) < :days THEN 'not-due'
        ELSE NULL
    END AS excluded,
    c.stage,
    c.service_area,
    c.channel
FROM complaint AS c
JOIN period AS p ON c.received_on BETWEEN p.start_on AND p.end_on
