"""What people approved each header to mean, kept per client for the next file."""
