"""What each server and application is up against, and which of seven ways it should take."""
