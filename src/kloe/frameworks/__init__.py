"""Published lines of enquiry as frozen values: loading, checking, searching, comparing, export."""
