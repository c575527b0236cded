"""Landlords' records: layouts, mapping, checking, loading, frames to sample from, the generator."""
