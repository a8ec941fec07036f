"""Alembic. Owns the PostgreSQL schema `bridge` and refuses anything else."""
