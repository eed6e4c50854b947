"""Readers of the formats that estates are exported in, one format a file; `catalog` finds them by their `IMPORTER`."""
