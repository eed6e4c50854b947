"""What is known and recommended of each server and application."""
