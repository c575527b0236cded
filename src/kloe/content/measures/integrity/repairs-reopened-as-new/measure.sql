-- One row for each repair reported in the period.
SELECT
    x.landlord,
    p.period_id,
    x.job_ref AS case_ref,
    CASE
        WHEN x.recall_of IS NULL AND EXISTS (
            SELECT b.job_ref
            FROM repair_job AS b
            WHERE
                b.landlord = x.landlord
                AND b.property_ref = x.property_ref
                AND b.trade = x.trade
                AND b.job_ref <> x.job_ref
                AND CAST(b.completed_at AS DATE) <= CAST(x.reported_at AS DATE)
                AND CAST(b.completed_at AS DATE) >= CAST(x.reported_at AS DATE) - :days
        ) THEN 1
        ELSE 0
    END AS numerator,
    1 AS denominator,
    x.property_ref
FROM repair_job AS x
JOIN period AS p ON CAST(x.reported_at AS DATE) BETWEEN p.start_on AND p.end_on
WHERE x.property_ref IS NOT NULL AND x.trade IS NOT NULL
