"""When support ends: from a text that names a product to its release cycle, its dates and its status on a day.

    text ──texts──► names ──► windows | releases ──► ProductMatch ──support──► Support on a day
                              databases ──────────►

The dates come from the endoflife.date snapshot in this folder (MIT, `LICENSE.endoflife.date`); `snapshot().as_of` says
how recent it is. What a text does not say stays None: a family, a range ("2016 or later") or a major version that has
several cycles gives no cycle.
"""
