"""Storage: who owns the memory of each feature map, in which order the maps are made, and where they lie."""

from costcalc.storage.homes import Storage, storage_of
from costcalc.storage.order import Order, Schedule, best_order
from costcalc.storage.place import Lifetime, Placed, Strategy, arena, place

__all__ = [
    "Lifetime",
    "Order",
    "Placed",
    "Schedule",
    "Storage",
    "Strategy",
    "arena",
    "best_order",
    "place",
    "storage_of",
]
