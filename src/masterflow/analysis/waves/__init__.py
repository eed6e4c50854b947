"""Waves for an estate: which application moves when, so that little of what talks to each other is apart meanwhile.

    instance ──► groups ──► problem ──► search ──► plan
    (types,      (what      (whole      (CP-SAT    (waves, bound, broken wishes, fill)
     reading,     moves      numbers)    within        └── or conflict: why there is none
     estate)      as one)                a budget)

Every hard rule is one value in `rules`: it binds the model, checks the finished plan, and explains itself in a
conflict. Pure: nothing here reads a file or a store.
"""

from masterflow.analysis.waves.groups import MoveGroup, move_groups
from masterflow.analysis.waves.plan import BrokenWish, ConflictItem, Progress, WaveFill, WavePlan
from masterflow.analysis.waves.reading import ReadInstance, read_instance
from masterflow.analysis.waves.rules import Breach, breaches, broken_rules
from masterflow.analysis.waves.solve import plan_waves
from masterflow.analysis.waves.types import Wave, WaveApplication, WaveConstraints, WaveEdge, WaveInstance, WaveWishes

__all__ = [
    "Breach",
    "BrokenWish",
    "ConflictItem",
    "MoveGroup",
    "Progress",
    "ReadInstance",
    "Wave",
    "WaveApplication",
    "WaveConstraints",
    "WaveEdge",
    "WaveFill",
    "WaveInstance",
    "WavePlan",
    "WaveWishes",
    "breaches",
    "broken_rules",
    "move_groups",
    "plan_waves",
    "read_instance",
]
