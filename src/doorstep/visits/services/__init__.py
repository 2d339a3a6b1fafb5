"""Deeds on field days, one noun a module."""
