"""The one way an estate changes: a flow stages it, a person approves it, one transaction puts it in place."""
