"""The measures of compression: what is stored of the weights, and the work that is left."""

from __future__ import annotations

from costcalc.compression.rates import KERNEL_BYTES
from costcalc.measure import Measure, Unit, ratio, summed, together

STORED_NAMES = {
    "kept_weights": "kernel weights that a recipe keeps, rounded up",
    "dense_weights": "kernel weights without a recipe",
    "value_bytes": "bytes of the kept weights' values or codes",
    "index_bytes": "bytes that say where the kept weights stand",
    "filler_bytes": "bytes of zeros that bridge gaps, values and indices, if the kept weights lie at random",
    "codebook_bytes": "bytes of shared values",
    "scale_bytes": "bytes of scales and zero points",
    "arithmetic_bits": "bits of a weight as it is multiplied: shared weights are looked up before",
    "binary": "1 if its weights and input are -1 or 1 (XNOR-Net), else 0",
    "signs": "1 if its weights are -1 or 1, else 0",
    "input_scales": "operations that find the scales of its inputs (XNOR-Net's K): means over channels and window",
    "xnor_words": "its Mult-Adds in words of 64 bits",
    "weight_sparse_macs": "multiply-accumulates of weights that are kept",
    "sparse_macs": "multiply-accumulates of weights that are kept with inputs that are not zero",
}
"""What the expression of a measure may say of a node that a recipe compresses."""

PARTS = (*KERNEL_BYTES, "bias_bytes")
"""What stored bytes are made of, in the order in which a picture stacks them."""

DENSE_BYTES = "bytes(params, weight_bits)"
"""The bytes of parameters that no recipe stores."""


def _part(title: str, about: str, of: str) -> Measure:
    return Measure(title, summed(of), about, Unit.BYTES, less_is_better=None)


STORAGE: dict[str, Measure] = {
    "kept_weights": Measure(
        "kept weights",
        summed("kept_weights"),
        "Kernel weights that a recipe keeps: density times weights, of each layer rounded up.",
    ),
    "value_bytes": _part("values", "Stored bytes of kept weights: their values, or their codes.", "value_bytes"),
    "index_bytes": _part(
        "indices",
        "Stored bytes that say where kept weights stand: relative or CSR indices, or a bit for each weight.",
        "index_bytes",
    ),
    "filler_bytes": _part(
        "fillers",
        "Stored bytes of zeros between weights that lie too far apart for a relative index: as many as weights at "
        "random places need in the mean (arXiv:1510.00149, Figure 2).",
        "filler_bytes",
    ),
    "codebook_bytes": _part("codebooks", "Stored bytes of shared values.", "codebook_bytes"),
    "scale_bytes": _part("scales", "Stored bytes of scales and zero points.", "scale_bytes"),
    "bias_bytes": _part(
        "biases",
        "Stored bytes of what recipes leave alone: biases, and the scale and shift of norms.",
        "bytes(biases + norm_affine, weight_bits)",
    ),
    "kernel_bytes": Measure(
        "kernel bytes",
        together(*KERNEL_BYTES),
        "Stored bytes of kernels and matrices, as papers on compression count: without biases and norms.",
        Unit.BYTES,
    ),
    "dense_kernel_bytes": _part(
        "dense kernel bytes", "Bytes of kernels and matrices without a recipe.", "bytes(dense_weights, weight_bits)"
    ),
    "dense_weight_bytes": _part(
        "dense weights", "Bytes of the parameters without a recipe, as training holds them.", DENSE_BYTES
    ),
    "dense_weights": Measure(
        "weights before",
        summed("dense_weights"),
        "Kernels and matrices before a recipe, which may have put factors or fewer channels in their place.",
        less_is_better=None,
    ),
    "stored_bytes": Measure(
        "stored bytes",
        together(*PARTS),
        "Bytes of the parameters as a recipe stores them: values, indices, fillers, codebooks, scales and biases.",
        Unit.BYTES,
    ),
    "compression": Measure(
        "compression",
        ratio("dense_kernel_bytes", "kernel_bytes"),
        "How many times smaller kernels are stored than without a recipe, as papers print it: 35x.",
        less_is_better=False,
    ),
    "compression_rate": Measure(
        "compress rate",
        ratio("kernel_bytes", "dense_kernel_bytes"),
        "The share of the kernels' bytes that is left, as the tables of arXiv:1510.00149 print it.",
    ),
    "bits_per_weight": Measure(
        "bits / weight",
        ratio("kernel_bits", "dense_weights"),
        "Stored bits of kernels for each weight of the dense network.",
    ),
    "kernel_bits": Measure(
        "kernel bits",
        summed("8 * (value_bytes + index_bytes + filler_bytes + codebook_bytes + scale_bytes)"),
        "Stored bits of kernels and matrices.",
        less_is_better=None,
    ),
    "weight_sparse_mult_adds": Measure(
        "weight-sparse",
        summed("weight_sparse_macs"),
        "Multiply-accumulates that are left if those of weights that are zero are skipped.",
    ),
    "sparse_mult_adds": Measure(
        "sparse",
        summed("sparse_macs"),
        "Multiply-accumulates that are left if those of weights or inputs that are zero are skipped "
        "(arXiv:1602.01528, Table III).",
    ),
    "sparse_share": Measure(
        "sparse share",
        ratio("sparse_mult_adds", "macs"),
        "The share of multiply-accumulates that is left if those of weights or inputs that are zero are skipped.",
    ),
    "bops": Measure(
        "BOPs",
        summed("macs * arithmetic_bits * (binary + (1 - binary) * input_bits)"),
        "Bit operations: multiply-accumulates times the bits of a weight and the bits of an input, none skipped; "
        "inputs of an XNOR layer have one.",
    ),
    "binary_mult_adds": Measure(
        "binary",
        summed("binary * macs"),
        "Multiply-accumulates that are XNOR and popcount instead.",
        less_is_better=None,
    ),
    "xnor_popcounts": Measure(
        "XNOR-popcounts",
        summed("binary * xnor_words"),
        "XNORs with popcounts, of words of 64 bits.",
        less_is_better=None,
    ),
    "xnor_operations": Measure(
        "XNOR operations",
        summed("(1 - binary) * macs + binary * (xnor_words + accumulated)"),
        "Operations if 64 binary ones take the time of one multiply-accumulate: of a binary layer, those and one "
        "for each output (arXiv:1603.05279, section 4.1).",
    ),
    "scale_operations": Measure(
        "scale operations",
        summed("signs * accumulated + binary * (accumulated + input_scales)"),
        "Operations of binary layers' real scales: a multiplication for each output by its filter's; with XNOR-Net one "
        "more by its input's, which takes an addition for each input and each tap at each output position "
        "(arXiv:1603.05279, section 3.2). Neither XNOR operations nor the paper's speed-up count them.",
    ),
    "xnor_speed_up": Measure(
        "XNOR speed-up",
        ratio("macs", "xnor_operations"),
        "Multiply-accumulates over XNOR operations: 64 c N / (c N + 64) of a binary layer with c channels and N taps "
        "(arXiv:1603.05279, section 4.1).",
        less_is_better=False,
    ),
}
"""Every measure of compression by its name."""
