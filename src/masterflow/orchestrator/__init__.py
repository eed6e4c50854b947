"""Moves every flow: one service for commands, one row for the truth, one engine behind a protocol."""

from masterflow.orchestrator.elsewhere import FlowStateManager
from masterflow.orchestrator.manager import MultiTenantFlowManager
from masterflow.orchestrator.registry import FlowTypeRegistry
from masterflow.orchestrator.service import MasterFlowOrchestrator

__all__ = ["FlowStateManager", "FlowTypeRegistry", "MasterFlowOrchestrator", "MultiTenantFlowManager"]
