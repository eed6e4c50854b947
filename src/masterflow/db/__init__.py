"""One Postgres: connections and transactions, tables, row-level security, and the embedded server."""
