-- One row for each vulnerable household's case with a notice, by its first notice.
WITH noticed AS (
    SELECT
        c.landlord,
        c.case_ref,
        c.account_ref,
        c.opened_on,
        MIN(n.action_on) AS notice_on
    FROM arrears_case AS c
    JOIN arrears_action AS n
        ON n.landlord = c.landlord
        AND n.account_ref = c.account_ref
        AND n.kind = 'nosp'
        AND n.action_on >= c.opened_on
        AND n.action_on <= COALESCE(c.closed_on, n.action_on)
    WHERE c.vulnerable
    GROUP BY c.landlord, c.case_ref, c.account_ref, c.opened_on
)

SELECT
    n.landlord,
    p.period_id,
    n.case_ref,
    CASE WHEN COUNT(v.action_ref) > 0 THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    a.tenancy_ref
FROM noticed AS n
JOIN period AS p ON n.notice_on BETWEEN p.start_on AND p.end_on
LEFT JOIN rent_account AS a
    ON a.landlord = n.landlord
    AND a.account_ref = n.account_ref
LEFT JOIN arrears_action AS v
    ON v.landlord = n.landlord
    AND v.account_ref = n.account_ref
    AND v.kind IN ('visit', 'call', 'meeting')
    AND v.action_on BETWEEN n.opened_on AND n.notice_on
GROUP BY n.landlord, p.period_id, n.case_ref, a.tenancy_ref
