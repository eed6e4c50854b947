"""The words a flow type is written in.

A flow type is a config model and phases in order. A phase takes an `Input`, runs, gives an `Output`; checks look at the
output; a gate asks a person. The orchestrator and the flow folders both import these words and never each other.
"""

from masterflow.spec.context import PhaseContext, Stores
from masterflow.spec.flow_type import FlowType, Upgrade
from masterflow.spec.phase import Column, EditableTable, Gate, Phase, Problem, RetryPolicies, RetryPolicy, Row

__all__ = [
    "Column",
    "EditableTable",
    "FlowType",
    "Gate",
    "Phase",
    "PhaseContext",
    "Problem",
    "RetryPolicies",
    "RetryPolicy",
    "Row",
    "Stores",
    "Upgrade",
]
