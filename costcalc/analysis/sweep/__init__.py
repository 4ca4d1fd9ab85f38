"""A network at many settings: the plan of a sweep, its evaluation tile by tile, its rows, the widest that fit."""
