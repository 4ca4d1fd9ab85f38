"""From a spec and settings to a flat graph of named nodes, and the counters of each."""

from costcalc.graph.binding import Binding, bind
from costcalc.graph.build import INPUT, Builder, Graph, Node
from costcalc.graph.expand import expand
from costcalc.graph.walk import NodeCost, walk

__all__ = ["INPUT", "Binding", "Builder", "Graph", "Node", "NodeCost", "bind", "expand", "walk"]
