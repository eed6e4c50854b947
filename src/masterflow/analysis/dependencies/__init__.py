"""Who needs whom, from rows of who talked to whom: no inventory is asked.

    rows ─► noise, hubs, mirrors, doubles ─► set aside, with the reason
         └► talk of two ends on a port ─► edges (weight, confidence, hard or soft) ─► circles, communities

`infer` does it for the ends as the rows name them. `analysis.estate.dependencies` uses the same parts for ends that are
machines and applications of an estate.
"""
