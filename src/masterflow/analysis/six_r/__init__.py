"""Which of the seven ways to treat an application fits its facts, and what would change that.

    Facts ──situation──► gates (hard rules) ──► criteria (ratings by fact) ──► ranking (weighted sum, TOPSIS)
                                                                                  │
                     changes: turns of events that change the verdict, tried ◄────┴───► Recommendation

The first stage only excludes, each time with the facts that do so; the second ranks what is left. Nothing is retired
without observation or an accepted replacement, and an application whose system is not known stays where it is.
"""
