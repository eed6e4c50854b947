"""The dependencies of an estate as a graph to look at: few nodes at first, machines where they are asked for."""
