"""How the weights of a layer are stored once they are compressed, from declared rates alone."""
