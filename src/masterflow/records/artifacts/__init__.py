"""Files that phases make, and uploads."""
