"""Readers of the formats that estates are exported in, one format a file; each file declares `IMPORTER`."""
