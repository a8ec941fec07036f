"""The job board."""
