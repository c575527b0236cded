-- One row for each work of the programme not completed on the last day of the period.
SELECT
    w.landlord,
    p.period_id,
    w.item_ref AS case_ref,
    CASE
        WHEN w.property_ref IS NOT NULL AND w.element IS NOT NULL AND w.year IS NOT NULL THEN 1
        ELSE 0
    END AS numerator,
    1 AS denominator,
    w.property_ref,
    w.element
FROM planned_work_item AS w
JOIN period AS p ON w.completed_on IS NULL OR w.completed_on > p.end_on
