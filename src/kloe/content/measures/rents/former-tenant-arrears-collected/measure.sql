-- One row for each account of a former tenant. Only their postings are looked at.
WITH former AS (
    SELECT
        a.landlord,
        p.period_id,
        a.account_ref,
        a.tenancy_ref,
        p.end_on,
        -- The day up to which postings make up the debt: the tenancy's last, or the last before
        -- the period, whichever is later.
        GREATEST(tn.end_on, CAST(p.start_on - INTERVAL 1 DAY AS DATE)) AS debt_on
    FROM rent_account AS a
    LEFT JOIN tenancy AS tn
        ON tn.landlord = a.landlord
        AND tn.tenancy_ref = a.tenancy_ref
    JOIN period AS p ON tn.end_on < p.end_on OR (tn.end_on IS NULL AND a.account_type = 'former')
    WHERE a.account_type IN ('rent', 'former')
),

moved AS (
    SELECT
        t.landlord,
        f.period_id,
        t.account_ref,
        f.tenancy_ref,
        SUM(CASE WHEN t.posted_on <= f.debt_on THEN t.amount ELSE 0 END) AS debt,
        SUM(
            CASE
                WHEN t.posted_on > f.debt_on AND t.kind IN ('payment', 'hb', 'uc_apa', 'refund') THEN -t.amount
                ELSE 0
            END
        ) AS paid
    FROM rent_transaction AS t
    JOIN former AS f
        ON f.landlord = t.landlord
        AND f.account_ref = t.account_ref
        AND t.posted_on <= f.end_on
    WHERE t.debt_type IN ('rent', 'service_charge') OR t.debt_type IS NULL
    GROUP BY t.landlord, f.period_id, t.account_ref, f.tenancy_ref
)

SELECT
    m.landlord,
    m.period_id,
    m.account_ref AS case_ref,
    CASE WHEN m.debt > 0 THEN m.paid ELSE 0 END AS numerator,
    GREATEST(m.debt, 0) AS denominator,
    m.tenancy_ref
FROM moved AS m
