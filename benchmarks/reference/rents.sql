-- Reference queries for the rent measures that read rent_transaction, written by hand for DuckDB
-- before the measures themselves, as directly as that engine allows and without regard to any
-- other. The benchmark runs each beside the measure of the same name, over the same
-- Parquet files of a whole sector, and holds numerator, denominator and n against each other.
--
-- One block for each measure, headed "-- measure: <identifier>". The names start_on and end_on
-- with a colon stand for the first and the last day of the period and are replaced by date
-- literals, so that the engine can prune on them. Every query returns for each landlord
-- numerator, denominator and n (rows with a denominator), of the cases that are counted.
--
-- What is meant throughout:
--   rent debts      postings of rent or service charge, or without a type of debt
--   balance         sum of the postings of rent debts up to the last day
--   rent accounts   accounts of type rent or former
--   former          the tenancy ended before the last day; or it has no end and the account is
--                   of type former
--   rent due        charges of rent debts in the twelve months to the last day

-- measure: rents/payment-methods
SELECT landlord, count(DISTINCT channel) AS numerator, 0 AS denominator, count(DISTINCT channel) AS n
FROM (
    SELECT landlord,
        CASE WHEN method IN ('direct_debit', 'standing_order') THEN 'bank'
             WHEN method IN ('cash', 'cheque') THEN 'office'
             ELSE method END AS channel
    FROM rent_transaction
    WHERE posted_on BETWEEN :start_on AND :end_on AND kind = 'payment' AND amount < 0
      AND method IN ('direct_debit', 'standing_order', 'cash', 'cheque', 'online', 'card', 'shop')
    GROUP BY ALL
)
GROUP BY landlord;

-- measure: rents/collection-rate
SELECT landlord, sum(paid) AS numerator, sum(due) AS denominator, count(*) FILTER (due <> 0) AS n
FROM (
    SELECT landlord, account_ref,
        coalesce(sum(amount) FILTER (kind = 'charge'), 0) AS due,
        coalesce(-sum(amount) FILTER (kind <> 'charge'), 0) AS paid
    FROM rent_transaction
    WHERE posted_on BETWEEN :start_on AND :end_on
      AND kind IN ('charge', 'payment', 'hb', 'uc_apa', 'refund')
      AND (debt_type IN ('rent', 'service_charge') OR debt_type IS NULL)
    GROUP BY landlord, account_ref
)
JOIN rent_account AS a USING (landlord, account_ref)
LEFT JOIN tenancy AS tn USING (landlord, tenancy_ref)
WHERE (a.account_type = 'rent' AND tn.end_on IS NULL)
   OR (a.account_type IN ('rent', 'former') AND tn.end_on >= :start_on)
GROUP BY landlord;

-- measure: rents/current-tenant-arrears
SELECT landlord,
    coalesce(sum(owed) FILTER (owed > 0 AND (
        (a.account_type = 'rent' AND tn.end_on IS NULL) OR tn.end_on >= :end_on)), 0) AS numerator,
    sum(due) AS denominator, count(*) FILTER (due <> 0) AS n
FROM (
    SELECT landlord, account_ref, sum(amount) AS owed,
        coalesce(sum(amount) FILTER (
            kind = 'charge' AND posted_on > (:end_on - INTERVAL 12 MONTH)::DATE), 0) AS due
    FROM rent_transaction
    WHERE posted_on <= :end_on
      AND (debt_type IN ('rent', 'service_charge') OR debt_type IS NULL)
    GROUP BY landlord, account_ref
)
JOIN rent_account AS a USING (landlord, account_ref)
LEFT JOIN tenancy AS tn USING (landlord, tenancy_ref)
WHERE a.account_type IN ('rent', 'former')
GROUP BY landlord;

-- measure: rents/former-tenant-arrears
SELECT landlord,
    coalesce(sum(owed) FILTER (owed > 0 AND (
        (a.account_type = 'former' AND tn.end_on IS NULL) OR tn.end_on < :end_on)), 0) AS numerator,
    sum(due) AS denominator, count(*) FILTER (due <> 0) AS n
FROM (
    SELECT landlord, account_ref, sum(amount) AS owed,
        coalesce(sum(amount) FILTER (
            kind = 'charge' AND posted_on > (:end_on - INTERVAL 12 MONTH)::DATE), 0) AS due
    FROM rent_transaction
    WHERE posted_on <= :end_on
      AND (debt_type IN ('rent', 'service_charge') OR debt_type IS NULL)
    GROUP BY landlord, account_ref
)
JOIN rent_account AS a USING (landlord, account_ref)
LEFT JOIN tenancy AS tn USING (landlord, tenancy_ref)
WHERE a.account_type IN ('rent', 'former')
GROUP BY landlord;

-- measure: rents/arrears-cause-known
SELECT landlord,
    coalesce(sum(owed) FILTER (a.arrears_cause IS NOT NULL), 0) AS numerator,
    sum(owed) AS denominator, count(*) AS n
FROM (
    SELECT landlord, account_ref, sum(amount) AS owed
    FROM rent_transaction
    WHERE posted_on <= :end_on
      AND (debt_type IN ('rent', 'service_charge') OR debt_type IS NULL)
    GROUP BY landlord, account_ref
    HAVING owed > 0
)
JOIN rent_account AS a USING (landlord, account_ref)
LEFT JOIN tenancy AS tn USING (landlord, tenancy_ref)
WHERE (a.account_type = 'rent' AND tn.end_on IS NULL)
   OR (a.account_type IN ('rent', 'former') AND tn.end_on >= :end_on)
GROUP BY landlord;

-- measure: rents/arrears-awaiting-benefit
SELECT landlord,
    coalesce(sum(owed) FILTER (b.account_ref IS NOT NULL), 0) AS numerator,
    sum(owed) AS denominator, count(*) AS n
FROM (
    SELECT landlord, account_ref, sum(amount) AS owed
    FROM rent_transaction
    WHERE posted_on <= :end_on
      AND (debt_type IN ('rent', 'service_charge') OR debt_type IS NULL)
    GROUP BY landlord, account_ref
    HAVING owed > 0
)
JOIN rent_account AS a USING (landlord, account_ref)
LEFT JOIN tenancy AS tn USING (landlord, tenancy_ref)
LEFT JOIN (
    SELECT DISTINCT landlord, account_ref FROM benefit_claim
    WHERE claimed_on <= :end_on AND (decided_on IS NULL OR decided_on > :end_on)
) AS b USING (landlord, account_ref)
WHERE (a.account_type = 'rent' AND tn.end_on IS NULL)
   OR (a.account_type IN ('rent', 'former') AND tn.end_on >= :end_on)
GROUP BY landlord;

-- measure: rents/accounts-clear
SELECT landlord, count(*) FILTER (l.owed IS NULL OR l.owed <= 0) AS numerator,
    count(*) AS denominator, count(*) AS n
FROM rent_account AS a
JOIN tenancy AS tn USING (landlord, tenancy_ref)
LEFT JOIN (
    SELECT landlord, account_ref, sum(amount) AS owed
    FROM rent_transaction
    WHERE posted_on <= :end_on
      AND (debt_type IN ('rent', 'service_charge') OR debt_type IS NULL)
    GROUP BY landlord, account_ref
) AS l USING (landlord, account_ref)
WHERE a.account_type IN ('rent', 'former')
  AND tn.start_on <= :end_on
  AND (tn.end_on >= :end_on OR (tn.end_on IS NULL AND a.account_type = 'rent'))
GROUP BY landlord;

-- measure: rents/arrears-gap
-- Of all accounts of current tenancies with a lead tenant, once for each of three characteristics.
SELECT landlord, sum(owes * told) AS numerator, sum(told) AS denominator, sum(told) AS n
FROM (
    SELECT landlord, (coalesce(l.owed, 0) > 0)::INT AS owes,
        (pe.ethnicity IS NOT NULL AND pe.ethnicity <> 'not_said')::INT
        + (pe.disability IS NOT NULL AND pe.disability <> 'not_said')::INT
        + (pe.birth_year IS NOT NULL)::INT AS told
    FROM rent_account AS a
    JOIN tenancy AS tn USING (landlord, tenancy_ref)
    JOIN (
        SELECT landlord, tenancy_ref, min(person_ref) AS person_ref FROM tenancy_member
        WHERE role = 'lead' AND (from_on IS NULL OR from_on <= :end_on)
          AND (to_on IS NULL OR to_on >= :end_on)
        GROUP BY ALL
    ) AS m USING (landlord, tenancy_ref)
    JOIN person AS pe USING (landlord, person_ref)
    LEFT JOIN (
        SELECT landlord, account_ref, sum(amount) AS owed
        FROM rent_transaction
        WHERE posted_on <= :end_on
          AND (debt_type IN ('rent', 'service_charge') OR debt_type IS NULL)
        GROUP BY landlord, account_ref
    ) AS l USING (landlord, account_ref)
    WHERE a.account_type IN ('rent', 'former')
      AND tn.start_on <= :end_on
      AND (tn.end_on >= :end_on OR (tn.end_on IS NULL AND a.account_type = 'rent'))
)
GROUP BY landlord;

-- measure: rents/former-tenant-arrears-collected
SELECT landlord, sum(paid) AS numerator, sum(debt) AS denominator, count(*) AS n
FROM (
    SELECT t.landlord, t.account_ref,
        coalesce(sum(t.amount) FILTER (t.posted_on <= f.cut), 0) AS debt,
        coalesce(-sum(t.amount) FILTER (
            t.posted_on > f.cut AND t.kind IN ('payment', 'hb', 'uc_apa', 'refund')), 0) AS paid
    FROM rent_transaction AS t
    JOIN (
        SELECT a.landlord, a.account_ref,
            greatest(coalesce(tn.end_on, DATE '1900-01-01'), :start_on - 1) AS cut
        FROM rent_account AS a LEFT JOIN tenancy AS tn USING (landlord, tenancy_ref)
        WHERE a.account_type IN ('rent', 'former')
          AND (tn.end_on < :end_on OR (tn.end_on IS NULL AND a.account_type = 'former'))
    ) AS f ON f.landlord = t.landlord AND f.account_ref = t.account_ref
    WHERE t.posted_on <= :end_on
      AND (t.debt_type IN ('rent', 'service_charge') OR t.debt_type IS NULL)
    GROUP BY t.landlord, t.account_ref
    HAVING debt > 0
)
GROUP BY landlord;

-- measure: rents/costs-and-recharges-recovered
SELECT landlord, sum(paid) AS numerator, sum(raised) AS denominator,
    count(*) FILTER (raised <> 0) AS n
FROM (
    SELECT landlord, account_ref,
        coalesce(sum(amount) FILTER (kind = 'charge'), 0) AS raised,
        coalesce(-sum(amount) FILTER (kind <> 'charge'), 0) AS paid
    FROM rent_transaction
    WHERE posted_on BETWEEN :start_on AND :end_on
      AND debt_type IN ('court_cost', 'recharge_repair')
      AND kind IN ('charge', 'payment', 'hb', 'uc_apa', 'refund')
    GROUP BY landlord, account_ref
)
GROUP BY landlord;

-- measure: rents/write-offs-approved
SELECT landlord, sum(good) AS numerator, sum(written) AS denominator, count(*) AS n
FROM (
    SELECT landlord, account_ref, reason IS NOT NULL AND approved_by IS NOT NULL AS ok,
        count(*) AS written, count(*) FILTER (ok) AS good
    FROM rent_transaction
    WHERE kind = 'write_off' AND posted_on BETWEEN :start_on AND :end_on
    GROUP BY ALL
)
GROUP BY landlord;

-- measure: rents/debts-kept-apart
SELECT landlord, coalesce(sum(debits) FILTER (own OR a.account_type IN ('court_cost', 'recharge')), 0)
    AS numerator, sum(debits) AS denominator, count(*) AS n
FROM (
    SELECT landlord, account_ref,
        coalesce(debt_type IN ('court_cost', 'recharge_repair'), FALSE) AS own, count(*) AS debits
    FROM rent_transaction
    WHERE posted_on BETWEEN :start_on AND :end_on AND kind = 'charge' AND amount > 0
      AND (debt_type IN ('court_cost', 'recharge_repair')
           OR description ILIKE '%court cost%' OR description ILIKE '%court fee%'
           OR description ILIKE '%recharg%')
    GROUP BY ALL
)
JOIN rent_account AS a USING (landlord, account_ref)
GROUP BY landlord;

-- measure: rents/statements-reconcile
SELECT landlord, count(*) FILTER (opening + moved = closing) AS numerator,
    count(*) AS denominator, count(*) AS n
FROM (
    SELECT s.landlord, s.statement_ref, any_value(s.opening) AS opening,
        any_value(s.closing) AS closing, coalesce(sum(t.amount), 0) AS moved
    FROM (
        SELECT landlord, statement_ref, account_ref, from_on, to_on, opening, closing
        FROM rent_statement
        WHERE issued_on BETWEEN :start_on AND :end_on
          AND from_on IS NOT NULL AND to_on IS NOT NULL
          AND opening IS NOT NULL AND closing IS NOT NULL
    ) AS s
    LEFT JOIN rent_transaction AS t
        ON t.landlord = s.landlord AND t.account_ref = s.account_ref
       AND t.posted_on BETWEEN s.from_on AND s.to_on
    GROUP BY s.landlord, s.statement_ref
)
GROUP BY landlord;

-- measure: rents/low-cost-payments
SELECT landlord, sum(low) AS numerator, sum(payments) AS denominator, count(*) AS n
FROM (
    SELECT landlord, account_ref, count(*) AS payments,
        count(*) FILTER (method IN ('direct_debit', 'standing_order', 'online')) AS low
    FROM rent_transaction
    WHERE posted_on BETWEEN :start_on AND :end_on AND kind = 'payment' AND amount < 0
      AND method IS NOT NULL
    GROUP BY landlord, account_ref
)
GROUP BY landlord;

-- measure: money/cost-per-payment
SELECT landlord, sum(c.pounds) AS numerator, sum(payments) AS denominator, count(*) AS n
FROM (
    SELECT landlord, method, count(*) AS payments
    FROM rent_transaction
    WHERE posted_on BETWEEN :start_on AND :end_on AND kind = 'payment' AND amount < 0
    GROUP BY landlord, method
)
JOIN (
    SELECT landlord, method, sum(outturn) AS pounds FROM cost
    WHERE kind = 'collection' AND year = year(:start_on) AND outturn IS NOT NULL
    GROUP BY landlord, method
) AS c USING (landlord, method)
GROUP BY landlord;
