-- One row for each work completed, counted when the days allowed for the record have run out.
SELECT
    w.landlord,
    p.period_id,
    w.item_ref AS case_ref,
    CASE WHEN w.db_updated_on BETWEEN w.completed_on AND w.completed_on + :days THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    w.property_ref,
    w.element
FROM planned_work_item AS w
JOIN period AS p ON w.completed_on + :days BETWEEN p.start_on AND p.end_on
