"""The numbers of TensorFlow Lite's schema: operators, formats, and the fields of operators.

Source: tensorflow/compiler/mlir/lite/schema/schema.fbs.
"""

from __future__ import annotations

OPERATORS = """
ADD AVERAGE_POOL_2D CONCATENATION CONV_2D DEPTHWISE_CONV_2D DEPTH_TO_SPACE DEQUANTIZE EMBEDDING_LOOKUP FLOOR
FULLY_CONNECTED HASHTABLE_LOOKUP L2_NORMALIZATION L2_POOL_2D LOCAL_RESPONSE_NORMALIZATION LOGISTIC LSH_PROJECTION
LSTM MAX_POOL_2D MUL RELU RELU_N1_TO_1 RELU6 RESHAPE RESIZE_BILINEAR RNN SOFTMAX SPACE_TO_DEPTH SVDF TANH
CONCAT_EMBEDDINGS SKIP_GRAM CALL CUSTOM EMBEDDING_LOOKUP_SPARSE PAD UNIDIRECTIONAL_SEQUENCE_RNN GATHER
BATCH_TO_SPACE_ND SPACE_TO_BATCH_ND TRANSPOSE MEAN SUB DIV SQUEEZE UNIDIRECTIONAL_SEQUENCE_LSTM STRIDED_SLICE
BIDIRECTIONAL_SEQUENCE_RNN EXP TOPK_V2 SPLIT LOG_SOFTMAX DELEGATE BIDIRECTIONAL_SEQUENCE_LSTM CAST PRELU MAXIMUM
ARG_MAX MINIMUM LESS NEG PADV2 GREATER GREATER_EQUAL LESS_EQUAL SELECT SLICE SIN TRANSPOSE_CONV SPARSE_TO_DENSE
TILE EXPAND_DIMS EQUAL NOT_EQUAL LOG SUM SQRT RSQRT SHAPE POW ARG_MIN FAKE_QUANT REDUCE_PROD REDUCE_MAX PACK
LOGICAL_OR ONE_HOT LOGICAL_AND LOGICAL_NOT UNPACK REDUCE_MIN FLOOR_DIV REDUCE_ANY SQUARE ZEROS_LIKE FILL FLOOR_MOD
RANGE RESIZE_NEAREST_NEIGHBOR LEAKY_RELU SQUARED_DIFFERENCE MIRROR_PAD ABS SPLIT_V UNIQUE CEIL REVERSE_V2 ADD_N
GATHER_ND COS WHERE RANK ELU REVERSE_SEQUENCE MATRIX_DIAG QUANTIZE MATRIX_SET_DIAG ROUND HARD_SWISH IF WHILE
NON_MAX_SUPPRESSION_V4 NON_MAX_SUPPRESSION_V5 SCATTER_ND SELECT_V2 DENSIFY SEGMENT_SUM BATCH_MATMUL
PLACEHOLDER_FOR_GREATER_OP_CODES CUMSUM CALL_ONCE BROADCAST_TO RFFT2D CONV_3D IMAG REAL COMPLEX_ABS HASHTABLE
HASHTABLE_FIND HASHTABLE_IMPORT HASHTABLE_SIZE REDUCE_ALL CONV_3D_TRANSPOSE VAR_HANDLE READ_VARIABLE
ASSIGN_VARIABLE BROADCAST_ARGS RANDOM_STANDARD_NORMAL BUCKETIZE RANDOM_UNIFORM MULTINOMIAL GELU
DYNAMIC_UPDATE_SLICE RELU_0_TO_1 UNSORTED_SEGMENT_PROD UNSORTED_SEGMENT_MAX UNSORTED_SEGMENT_SUM ATAN2
UNSORTED_SEGMENT_MIN SIGN BITCAST BITWISE_XOR RIGHT_SHIFT STABLEHLO_LOGISTIC STABLEHLO_ADD STABLEHLO_DIVIDE
STABLEHLO_MULTIPLY STABLEHLO_MAXIMUM STABLEHLO_RESHAPE STABLEHLO_CLAMP STABLEHLO_CONCATENATE
STABLEHLO_BROADCAST_IN_DIM STABLEHLO_CONVOLUTION STABLEHLO_SLICE STABLEHLO_CUSTOM_CALL STABLEHLO_REDUCE
STABLEHLO_ABS STABLEHLO_AND STABLEHLO_COSINE STABLEHLO_EXPONENTIAL STABLEHLO_FLOOR STABLEHLO_LOG STABLEHLO_MINIMUM
STABLEHLO_NEGATE STABLEHLO_OR STABLEHLO_POWER STABLEHLO_REMAINDER STABLEHLO_RSQRT STABLEHLO_SELECT
STABLEHLO_SUBTRACT STABLEHLO_TANH STABLEHLO_SCATTER STABLEHLO_COMPARE STABLEHLO_CONVERT STABLEHLO_DYNAMIC_SLICE
STABLEHLO_DYNAMIC_UPDATE_SLICE STABLEHLO_PAD STABLEHLO_IOTA STABLEHLO_DOT_GENERAL STABLEHLO_REDUCE_WINDOW
STABLEHLO_SORT STABLEHLO_WHILE STABLEHLO_GATHER STABLEHLO_TRANSPOSE DILATE STABLEHLO_RNG_BIT_GENERATOR
REDUCE_WINDOW STABLEHLO_COMPOSITE STABLEHLO_SHIFT_LEFT STABLEHLO_CBRT STABLEHLO_CASE
""".split()
"""The words of BuiltinOperator, by their numbers."""
DTYPES = (
    "float32", "float16", "int32", "uint8", "int64", "string", "bool", "int16", "complex64", "int8", "float64",
    "complex128", "uint64", "resource", "variant", "uint32", "uint16", "int4", "bfloat16", "int2", "uint4",
)  # fmt: skip
"""The words of TensorType, by their numbers."""
CODES = {"float32": "f", "float16": "e", "float64": "d", "int8": "b", "uint8": "B", "int16": "h", "uint16": "H",
         "int32": "i", "uint32": "I", "int64": "q", "uint64": "Q", "bool": "?"}  # fmt: skip
"""How `struct` calls the numbers of a format."""
FUSED = ("", "relu", "clip", "relu6", "tanh")
"""The words of ActivationFunctionType, by their numbers; `clip` is from -1 to 1."""
Field = tuple[int, str, int | None]
"""A field's number, its format as in `struct` (`*` before that of a vector), and its value if the file has none."""

_FUSED: dict[str, Field] = {"fused": (0, "b", 0)}
_POOL: dict[str, Field] = {
    "padding": (0, "b", 0), "stride_w": (1, "i", 0), "stride_h": (2, "i", 0), "window_w": (3, "i", 0),
    "window_h": (4, "i", 0), "fused": (5, "b", 0),
}  # fmt: skip
_KEEP: dict[str, Field] = {"keep": (0, "B", 0)}
_AXIS: dict[str, Field] = {"axis": (0, "i", 0)}
_BLOCK: dict[str, Field] = {"block": (0, "i", 0)}
OPTIONS: dict[str, dict[str, Field]] = {
    "CONV_2D": {
        "padding": (0, "b", 0), "stride_w": (1, "i", 0), "stride_h": (2, "i", 0), "fused": (3, "b", 0),
        "dilation_w": (4, "i", 1), "dilation_h": (5, "i", 1),
    },
    "DEPTHWISE_CONV_2D": {
        "padding": (0, "b", 0), "stride_w": (1, "i", 0), "stride_h": (2, "i", 0), "multiplier": (3, "i", 0),
        "fused": (4, "b", 0), "dilation_w": (5, "i", 1), "dilation_h": (6, "i", 1),
    },
    "CONV_3D": {
        "padding": (0, "b", 0), "stride_d": (1, "i", 0), "stride_w": (2, "i", 0), "stride_h": (3, "i", 0),
        "fused": (4, "b", 0), "dilation_d": (5, "i", 1), "dilation_w": (6, "i", 1), "dilation_h": (7, "i", 1),
    },
    "TRANSPOSE_CONV": {
        "padding": (0, "b", 0), "stride_w": (1, "i", 0), "stride_h": (2, "i", 0), "fused": (3, "b", 0),
    },
    "FULLY_CONNECTED": {"fused": (0, "b", 0), "keep": (2, "B", 0)},
    "AVERAGE_POOL_2D": _POOL, "MAX_POOL_2D": _POOL, "L2_POOL_2D": _POOL,
    "ADD": _FUSED, "SUB": _FUSED, "MUL": _FUSED, "DIV": _FUSED, "L2_NORMALIZATION": _FUSED,
    "CONCATENATION": {"axis": (0, "i", 0), "fused": (1, "b", 0)},
    "RESHAPE": {"shape": (0, "*i", None)}, "SQUEEZE": {"axes": (0, "*i", None)},
    "MEAN": _KEEP, "SUM": _KEEP, "REDUCE_MAX": _KEEP, "REDUCE_MIN": _KEEP, "REDUCE_PROD": _KEEP, "REDUCE_ANY": _KEEP,
    "REDUCE_ALL": _KEEP,
    "STRIDED_SLICE": {
        "begin_mask": (0, "i", 0), "end_mask": (1, "i", 0), "ellipsis_mask": (2, "i", 0), "new_axis_mask": (3, "i", 0),
        "shrink_mask": (4, "i", 0),
    },
    "PACK": {"count": (0, "i", 0), "axis": (1, "i", 0)}, "UNPACK": {"count": (0, "i", 0), "axis": (1, "i", 0)},
    "GATHER": {"axis": (0, "i", 0), "batch_dims": (1, "i", 0)},
    "BATCH_MATMUL": {"adj_x": (0, "B", 0), "adj_y": (1, "B", 0)},
    "SPACE_TO_DEPTH": _BLOCK, "DEPTH_TO_SPACE": _BLOCK,
    "LOCAL_RESPONSE_NORMALIZATION": {"radius": (0, "i", 0)},
    "UNIDIRECTIONAL_SEQUENCE_LSTM": {"fused": (0, "b", 0), "time_major": (3, "B", 0)},
}  # fmt: skip
"""The fields of operators that costs depend on, by the words they have here."""
