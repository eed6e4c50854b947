"""Wave plans and their versions."""
