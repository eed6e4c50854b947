"""Large domain writes that wait under their flow until the phase is done or approved."""
