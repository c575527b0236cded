-- One row for each statement, with the sum of the postings of its days.
SELECT
    s.landlord,
    p.period_id,
    s.statement_ref AS case_ref,
    CASE WHEN s.opening + COALESCE(SUM(t.amount), 0) = s.closing THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    CASE
        WHEN s.opening IS NULL THEN 'incomplete'
        WHEN s.closing IS NULL THEN 'incomplete'
        WHEN s.from_on IS NULL THEN 'incomplete'
        WHEN s.to_on IS NULL THEN 'incomplete'
        ELSE NULL
    END AS excluded,
    s.format
FROM rent_statement AS s
JOIN period AS p ON s.issued_on BETWEEN p.start_on AND p.end_on
LEFT JOIN rent_transaction AS t
    ON t.landlord = s.landlord
    AND t.account_ref = s.account_ref
    AND t.posted_on BETWEEN s.from_on AND s.to_on
GROUP BY s.landlord, p.period_id, s.statement_ref, s.opening, s.closing, s.from_on, s.to_on, s.format
