"""Who may see and do what: clients, engagements, users, memberships, roles and tokens."""
