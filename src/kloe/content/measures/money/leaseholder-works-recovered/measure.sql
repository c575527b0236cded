-- One row for each bill to a leaseholder for works.
SELECT
    b.landlord,
    p.period_id,
    b.charge_ref AS case_ref,
    b.collected AS numerator,
    b.billed AS denominator,
    CASE WHEN b.collected IS NULL THEN 'not-recorded' ELSE NULL END AS excluded,
    b.property_ref,
    b.kind
FROM leasehold_account AS b
JOIN period AS p ON b.billed_on BETWEEN p.start_on AND p.end_on
WHERE b.kind IN ('major_works', 'repair')
