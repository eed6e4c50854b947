"""Row-level security as data: which policies a table gets follows from the scope it declares.

Three roles, none a superuser, none BYPASSRLS. `masterflow_app` sees the rows of the tenant set in its transaction and
nothing when none is set. `masterflow_engine` sees the same, and every tenant's rows of the tables opened to the engine.
`masterflow_migrate` owns everything; security is forced, so it too needs a policy where it has to read.
"""

from sqlalchemy import Table

from masterflow.db.tables.metadata import Scope

APP_ROLE = "masterflow_app"
ENGINE_ROLE = "masterflow_engine"
MIGRATE_ROLE = "masterflow_migrate"

# After a first local use the setting reads '' instead of NULL, and ''::uuid would raise.
CURRENT_TENANT = "(SELECT nullif(current_setting('app.client', true), '')::uuid)"

READ_ONLY = frozenset({"client_quotas"})  # written by the operator at the machine alone
DELETED_IN_TIME = frozenset({"schedule_runs"})  # append-only, but for the engine that deletes what is over
APPEND_ONLY = frozenset(
    {
        "audit_log",
        "flow_events",
        "gate_decisions",
        "import_rows",
        "phase_items",
        "phase_results",
        "schedule_runs",
    }
)


def statements_for(table: Table) -> list[str]:
    """The SQL that secures one table; migrations run it right after the table is made."""
    scope: Scope = table.info["scope"]
    name = table.name
    grants = [f"GRANT {_verbs(name)} ON {name} TO {APP_ROLE}, {ENGINE_ROLE}"]
    if scope is Scope.NONE:
        return _unscoped(name, engine=table.info["engine"])
    own = f"client_account_id = {CURRENT_TENANT}"
    policies = [
        f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY tenant ON {name} TO {APP_ROLE}, {ENGINE_ROLE} USING ({own}) WITH CHECK ({own})",
        f"CREATE POLICY owner ON {name} TO {MIGRATE_ROLE} USING (true) WITH CHECK (true)",
    ]
    if table.info["engine"]:
        if name in DELETED_IN_TIME:
            grants.append(f"GRANT DELETE ON {name} TO {ENGINE_ROLE}")
        policies.append(f"CREATE POLICY engine ON {name} TO {ENGINE_ROLE} USING (true) WITH CHECK (true)")
    return grants + policies


def _verbs(name: str) -> str:
    if name in READ_ONLY:
        return "SELECT"
    return "SELECT, INSERT" if name in APPEND_ONLY else "SELECT, INSERT, UPDATE, DELETE"


def _unscoped(name: str, *, engine: bool) -> list[str]:
    """A table without a tenant column: the engine's own, or one whose policy is written out here."""
    if engine:
        return [f"GRANT SELECT, INSERT, UPDATE, DELETE ON {name} TO {ENGINE_ROLE}"]
    visible = {
        "client_accounts": f"id = {CURRENT_TENANT}",
        "users": f"id IN (SELECT user_id FROM memberships) OR service_of = {CURRENT_TENANT}",
    }[name]
    return [
        f"GRANT SELECT ON {name} TO {APP_ROLE}, {ENGINE_ROLE}",
        f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY tenant ON {name} FOR SELECT TO {APP_ROLE}, {ENGINE_ROLE} USING ({visible})",
        f"CREATE POLICY owner ON {name} TO {MIGRATE_ROLE} USING (true) WITH CHECK (true)",
    ]
