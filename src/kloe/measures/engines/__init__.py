"""The engines that compute over columns on disk."""
