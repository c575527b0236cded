-- One row for each agreement in force on the last day.
SELECT
    g.landlord,
    p.period_id,
    g.agreement_ref AS case_ref,
    CASE WHEN g.status IN ('kept', 'completed') THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    CASE
        WHEN g.ended_on IS NOT NULL THEN 'ended-since'
        WHEN g.status = 'withdrawn' THEN 'withdrawn'
        ELSE NULL
    END AS excluded,
    a.tenancy_ref
FROM arrears_agreement AS g
JOIN period AS p ON g.agreed_on <= p.end_on
LEFT JOIN rent_account AS a
    ON a.landlord = g.landlord
    AND a.account_ref = g.account_ref
WHERE g.ended_on IS NULL OR g.ended_on > p.end_on
