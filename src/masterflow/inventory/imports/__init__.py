"""Files that people brought: what was read of each, its raw rows as they were found, and what could not be used."""
