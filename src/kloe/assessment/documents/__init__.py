"""Text of documents: read page by page in a process of its own, with limits."""
