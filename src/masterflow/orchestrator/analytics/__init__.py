"""What the flows of an engagement or a client have done: counters kept from their events, and read as one report.

    relay ── events ──▶ AnalyticsFold ── adds ──▶ flow_standings  a row an engagement: flows by type and status, now
                                             ──▶ flow_days       a row a day and type: throughput, times, causes

What an event adds depends on that event and on the history before it, never on a counter; so the order in which flows
are folded does not matter, and a recount of all history gives the same rows.
"""

from masterflow.orchestrator.analytics.fold import AnalyticsFold
from masterflow.orchestrator.analytics.service import read_analytics
from masterflow.orchestrator.analytics.types import Analytics, Scope, Window

__all__ = ["Analytics", "AnalyticsFold", "Scope", "Window", "read_analytics"]
