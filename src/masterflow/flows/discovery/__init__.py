"""Discovery: from files that somebody exported to an inventory that people approved."""
