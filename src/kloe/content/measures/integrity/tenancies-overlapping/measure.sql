-- One row for each tenancy that began in the period.
SELECT
    x.landlord,
    p.period_id,
    x.tenancy_ref AS case_ref,
    CASE
        WHEN EXISTS (
            SELECT b.tenancy_ref
            FROM tenancy AS b
            WHERE
                b.landlord = x.landlord
                AND b.property_ref = x.property_ref
                AND (
                    b.start_on < x.start_on
                    OR (b.start_on = x.start_on AND b.tenancy_ref < x.tenancy_ref)
                )
                AND (b.end_on IS NULL OR b.end_on >= x.start_on)
        ) THEN 1
        ELSE 0
    END AS numerator,
    1 AS denominator,
    x.property_ref
FROM tenancy AS x
JOIN period AS p ON x.start_on BETWEEN p.start_on AND p.end_on
