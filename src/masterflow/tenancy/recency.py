"""What this process noted within the last minute, so that the database is not told of every single use."""

import time
from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import timedelta

TOUCH_EVERY = timedelta(minutes=1)


@dataclass(slots=True)
class Recency:
    """Keys with the moment at which each was noted, oldest first; what is older than a minute is dropped."""

    _noted: dict[Hashable, float] = field(default_factory=dict)

    def is_due(self, key: Hashable) -> bool:
        """Whether `key` was not noted within the last minute; it is from now on."""
        now = time.monotonic()
        oldest = now - TOUCH_EVERY.total_seconds()
        while self._noted and (first := next(iter(self._noted.items())))[1] <= oldest:
            del self._noted[first[0]]
        if key in self._noted:
            return False
        self._noted[key] = now
        return True
