"""From approved columns to an estate: clean, join, recognise, merge, propose.

    MappedSheet ── rvtools ──────┐
    MappedSheet ── tabular ──────┼─ Record ─── identity ─────┐
    MappedSheet ── billed ───────┘  (claims)   (who is who)  ├─ survivorship ── Asset ─┬─ applications
    MappedSheet ── relations ────┐                           │  (which value)          ├─ stale
    MappedSheet ── metrics ──────┼─ detail ─── finder ───────┘                         ├─ completeness
    MappedSheet ── details ──────┘  Record     (whose it is)                           └─ dependencies ── idle

`sheets` tells which sheet is read how. A record names a machine; a detail adds to one that a record names, and never
makes one. `build.build_estate` runs all of it; `dependencies.resolve_dependencies` adds the edges of a flow table, and
`idle.idle_servers` judges from both which servers do nothing.
"""
