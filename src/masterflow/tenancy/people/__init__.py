"""Who is a member, with which roles, and who is disabled."""
