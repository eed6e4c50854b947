"""Masterflow runs a cloud-migration programme as durable flows on one Postgres."""

__version__ = "0.1.0"
