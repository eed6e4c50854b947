"""From approved columns to an estate: clean, join, recognise, merge, propose.

    MappedSheet ── rvtools ─┐
                            ├─ Record ── identity ── survivorship ── Asset ─┬─ applications
    MappedSheet ── tabular ─┘   (claims)  (who is who)  (which value)       ├─ completeness
                                                                            └─ dependencies

`build.build_estate` runs all of it; `dependencies.resolve_dependencies` adds the edges of a flow table.
"""
