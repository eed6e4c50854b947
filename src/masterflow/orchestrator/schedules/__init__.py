"""Flows that start by themselves: cron times in a time zone, blackouts, and what happens to runs that were missed."""
