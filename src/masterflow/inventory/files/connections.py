"""Connections between two ends, as flow logs, socket tables, traces and service graphs tell of them."""

CONNECTS_TO = "connects to"  # the evidence says which end serves: a handshake, a listening socket
CALLS = "calls"  # a trace or a service graph says who asks
DEPENDS_ON = "depends on"  # a person or a model states it
TALKS_WITH = "talks with"  # which end serves was concluded from the ports
