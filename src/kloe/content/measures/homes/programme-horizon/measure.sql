-- One row for each work of the programme not completed on the last day of the period.
-- The financial year is named by the calendar year in which it begins.
WITH planned AS (
    SELECT
        w.landlord,
        p.period_id,
        w.item_ref,
        w.property_ref,
        w.element,
        w.year - EXTRACT(YEAR FROM CAST(p.end_on - INTERVAL 3 MONTH AS DATE)) AS ahead
    FROM planned_work_item AS w
    JOIN period AS p ON w.completed_on IS NULL OR w.completed_on > p.end_on
)

SELECT
    w.landlord,
    w.period_id,
    w.item_ref AS case_ref,
    w.ahead AS value,
    CASE WHEN w.ahead IS NULL THEN 'no-year' ELSE NULL END AS excluded,
    w.property_ref,
    CASE WHEN w.ahead <= :near THEN 'short' WHEN w.ahead <= :middle THEN 'medium' ELSE 'long' END AS term,
    w.element
FROM planned AS w
