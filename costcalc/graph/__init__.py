"""From a spec and settings to a flat graph of named nodes."""

from costcalc.graph.binding import Binding, bind
from costcalc.graph.build import INPUT, Builder, Graph, Node
from costcalc.graph.expand import expand

__all__ = ["INPUT", "Binding", "Builder", "Graph", "Node", "bind", "expand"]
