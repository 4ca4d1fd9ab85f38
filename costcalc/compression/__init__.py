"""How the weights of a layer are stored once they are compressed, from declared rates alone."""

from costcalc.compression.fillers import filler_rate
from costcalc.compression.huffman import code_of, decoded, encoded, entropy_bits, lengths_of, mean_bits
from costcalc.compression.rates import DENSE, Binary, Compression, Index, Scales, Tensor, figure

__all__ = [
    "DENSE",
    "Binary",
    "Compression",
    "Index",
    "Scales",
    "Tensor",
    "code_of",
    "decoded",
    "encoded",
    "entropy_bits",
    "figure",
    "filler_rate",
    "lengths_of",
    "mean_bits",
]
