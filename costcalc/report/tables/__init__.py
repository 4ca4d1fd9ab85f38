"""Tables for people: columns, units, and what fits a terminal."""
