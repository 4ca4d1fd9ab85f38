"""A network beside the four guidelines of arXiv:1807.11164, section 2."""
