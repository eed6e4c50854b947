"""One format a file: how the published estate leaves for other tools."""
