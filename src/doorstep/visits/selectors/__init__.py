"""Reading field days, one noun a module."""
