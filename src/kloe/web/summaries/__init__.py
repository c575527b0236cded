"""The summary for tenants: two pages in plain words, filled in and edited part by part."""
