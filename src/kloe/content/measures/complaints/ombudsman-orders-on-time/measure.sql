-- One row for each order due in the period.
SELECT
    o.landlord,
    p.period_id,
    o.order_ref AS case_ref,
    CASE WHEN o.complied_on <= o.due_on THEN 1 ELSE 0 END AS numerator,
    1 AS denominator
FROM ombudsman_order AS o
JOIN period AS p ON o.due_on BETWEEN p.start_on AND p.end_on
