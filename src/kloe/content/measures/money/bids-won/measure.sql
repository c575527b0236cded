-- One row for each bid of the period.
SELECT
    b.landlord,
    p.period_id,
    b.bid_ref AS case_ref,
    b.won AS numerator,
    b.asked AS denominator,
    CASE WHEN b.won IS NULL THEN 'undecided' ELSE NULL END AS excluded
FROM funding_bid AS b
JOIN period AS p ON b.bid_on BETWEEN p.start_on AND p.end_on
