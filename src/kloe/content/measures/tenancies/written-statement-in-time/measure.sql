-- One row for each tenancy, by the last day on which its statement was in time.
SELECT
    t.landlord,
    p.period_id,
    t.tenancy_ref AS case_ref,
    CASE WHEN t.written_statement_issued_on < t.start_on + :days THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    CASE WHEN t.tenure IN ('leaseholder', 'shared_owner') THEN 'not-rented' ELSE NULL END AS excluded,
    t.property_ref,
    t.tenancy_ref,
    t.tenure
FROM tenancy AS t
JOIN period AS p
    ON t.start_on + :days > p.start_on
    AND t.start_on + :days <= p.end_on + 1
