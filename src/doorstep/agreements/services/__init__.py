"""Deeds on what is agreed, one noun a module."""
