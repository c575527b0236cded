-- One row for each bill.
SELECT
    b.landlord,
    p.period_id,
    b.charge_ref AS case_ref,
    COALESCE(b.collected, 0) AS numerator,
    b.billed AS denominator,
    b.property_ref,
    b.kind
FROM leasehold_account AS b
JOIN period AS p ON b.billed_on BETWEEN p.start_on AND p.end_on
