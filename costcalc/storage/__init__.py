"""Storage: who owns the memory of each feature map, in which order the maps are made, and where they lie (`place`)."""

from costcalc.storage.homes import Storage, storage_of
from costcalc.storage.order import Order, best_order

__all__ = ["Order", "Storage", "best_order", "storage_of"]
