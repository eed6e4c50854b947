"""What flow types hand to each other: assessments, plans, artifacts, reports."""
