-- One row for each request.
SELECT
    r.landlord,
    p.period_id,
    r.request_ref AS case_ref,
    CASE WHEN r.met THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    CASE WHEN r.met IS NULL THEN 'not-noted' ELSE NULL END AS excluded,
    r.person_ref,
    r.wanted
FROM document_request AS r
JOIN period AS p ON r.requested_on BETWEEN p.start_on AND p.end_on
