"""Gates that wait too long: reminders, and what nobody answered in time."""
