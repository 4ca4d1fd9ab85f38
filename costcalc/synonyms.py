"""Other words of the field for what a spec calls otherwise: those of Keras, PyTorch, Caffe, ONNX, Darknet and papers.

An error for an unknown name looks here first, then for a name that is spelled much alike.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache

SYNONYMS = {
    # operators
    "conv": "convolution convolutional pointwise pw",
    "dwconv": "depthwise dw depthwiseconv depthwiseconvolution depthconv",
    "conv_transpose": "deconv deconvolution convtranspose transposedconv upconv",
    "linear": "dense fc fullyconnected innerproduct gemm connected",
    "matmul": "dot bmm einsum batchmatmul",
    "maxpool": "maxpooling mp pool pooling",
    "avgpool": "averagepool averagepooling meanpool",
    "gap": "globalpool globalaveragepool globalaveragepooling globalavgpool globalavgpooling",
    "global_maxpool": "globalmaxpooling gmp",
    "adaptive_avgpool": "adaptiveaveragepool",
    "upsample": "upsampling resize interpolate interpolation unpool",
    "concat": "cat concatenate concatenation route depthconcat",
    "add": "sum plus shortcut residual eltwise",
    "mul": "multiply times product",
    "maximum": "max maxout",
    "shuffle": "channelshuffle",
    "flatten": "view",
    "pad": "zeropad zeropadding padding pads",
    "crop": "cropping",
    "split": "chunk",
    "embedding": "embed lookup",
    # norms and activations
    "bn": "batchnorm batchnormalization batchnormalisation",
    "ln": "layernorm layernormalization layernormalisation",
    "gn": "groupnorm groupnormalization groupnormalisation",
    "instance_norm": "instancenormalization instancenormalisation",
    "rms_norm": "rms rmsnormalization rmsnormalisation",
    "lrn": "localresponsenorm localresponsenormalization localresponsenormalisation",
    "swish": "silu",
    "hswish": "hardswish hardsilu hs",
    "hsigmoid": "hardsigmoid",
    "sigmoid": "logistic",
    "leaky_relu": "leaky lrelu",
    "none": "null nil no off",
    # fields, and columns of every row
    "norm": "batchnorm bn normalization normalisation normalizer",
    "act": "activation activations nonlinearity activationfunction",
    "out": "channels outchannels outputchannels filters numfilters cout units outfeatures numoutput",
    "k": "kernel kernelsize ksize poolsize",
    "stride": "strides subsample subsampling",
    "dilation": "dilationrate atrous",
    "groups": "group cardinality ngroup",
    "bias": "usebias biasterm",
    "multiplier": "depthmultiplier channelmultiplier",
    "heads": "numheads",
    "scale": "scalefactor factor",
    "along": "axis dim",
    "ceil": "ceilmode",
    "n": "repeat repeats number times copies",
    "from": "input inputs bottom source sources",
    "in": "inputsize inputshape",
    "output": "outputsize outputshape",
    "when": "if condition",
    # values
    "true": "yes on",
    "false": "no off none",
    # sections of a file
    "layers": "backbone network architecture",
}
"""What costcalc calls it, and what others do, as `plain` leaves it. A word may stand at several names: the first that
is known at the place of an error is meant, so that `batchnorm` is the operator `bn` and the field `norm`."""

_DIMENSIONS = re.compile(r"[123]d$")


@lru_cache(maxsize=1 << 14)
def plain(word: str) -> str:
    """A name without what spellings differ in: capitals, joints, and the number of dimensions (`MaxPooling2D`)."""
    return _DIMENSIONS.sub("", re.sub(r"[-_ .]", "", word.lower()))


def meant(word: str, known: Collection[str]) -> str:
    """The known name for which `word` is another word, "" if there is none."""
    wanted = plain(word)
    return next((name for name, words in SYNONYMS.items() if wanted in words.split() and name in known), "")
