"""How much one engagement may have: flows that run at once, flows created in an hour, flows in all."""
