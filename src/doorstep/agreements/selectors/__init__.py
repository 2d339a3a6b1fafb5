"""Reading what is agreed, one noun a module."""
