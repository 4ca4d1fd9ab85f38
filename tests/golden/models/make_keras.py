"""Writes Keras models as `.keras` (configuration only) and `.tflite` (weights taken out): `python make_keras.py`.

Needs tensorflow and keras. Prints parameters (trainable, all) and multiply-accumulates of each running model,
the latter by TensorFlow's profiler, which leaves out grouped convolutions.
"""

import math
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import flatbuffers
import keras
import numpy as np
import tensorflow as tf
from tensorflow.lite.python import schema_py_generated as schema
from tensorflow.python.framework import ops
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2_as_graph

L = keras.layers
KEPT = 2048
"""Buffers of more bytes are emptied."""
PRODUCTS = ("Conv2D", "DepthwiseConv2dNative", "Conv3D", "MatMul", "BatchMatMulV2", "Conv2DBackpropInput")


def small() -> keras.Model:
    """Convolutions of every kind, gates, padding, resizing."""
    x = i = keras.Input((33, 31, 3))
    x = L.Conv2D(8, 3, strides=2, padding="same", activation="relu6")(x)
    x = L.ZeroPadding2D(((0, 1), (0, 1)))(x)
    x = L.DepthwiseConv2D(3, strides=2, padding="valid", depth_multiplier=2)(x)
    x = L.Activation("hard_swish")(L.BatchNormalization()(x))
    gate = L.Conv2D(4, 1, activation="relu")(L.GlobalAveragePooling2D(keepdims=True)(x))
    x = L.Multiply()([x, L.Conv2D(16, 1, activation="hard_sigmoid")(gate)])
    x = L.Add()([x, L.Conv2D(16, 3, padding="same", dilation_rate=2)(x)])
    x = L.MaxPooling2D(2, padding="same")(L.SeparableConv2D(24, 3, padding="same")(x))
    x = L.Conv2DTranspose(12, 3, strides=2, padding="same")(x)
    x = L.UpSampling2D(2, interpolation="bilinear")(x)
    x = L.AveragePooling2D(2)(L.Concatenate()([x, x]))
    x = L.LeakyReLU()(L.Conv2D(24, 3, groups=3)(x))
    return keras.Model(i, L.Dense(10, activation="softmax")(L.Flatten()(x)))


def seq() -> keras.Model:
    """A sequence of words: embedding, attention, a recurrent layer."""
    x = i = keras.Input((16,), dtype="int32")
    x = L.LayerNormalization()(L.Embedding(50, 12)(x))
    x = L.Dense(8, activation="gelu")(L.MultiHeadAttention(2, 6)(x, x))
    return keras.Model(i, L.Dense(3)(L.LSTM(5)(x)))


def valid_t() -> keras.Model:
    """Transposed convolutions without padding, slopes per channel, other layouts."""
    x = i = keras.Input((8, 8, 4))
    x = L.Conv2DTranspose(6, 2, strides=2, padding="valid")(x)
    x = L.Conv2DTranspose(6, 2, strides=3, padding="valid")(x)
    x = L.Reshape((48, 6 * 48))(L.PReLU(shared_axes=[1, 2])(x))
    return keras.Model(i, L.Conv1D(4, 3, padding="same")(L.Permute((2, 1))(x)))


def application(name: str) -> Callable[[], keras.Model]:
    """A network of keras.applications."""
    return lambda: getattr(keras.applications, name)(weights=None)


MODELS: dict[str, Callable[[], keras.Model]] = {
    "small": small,
    "seq": seq,
    "valid_t": valid_t,
    "mobilenet_v3_small": application("MobileNetV3Small"),
    "nasnet_mobile": application("NASNetMobile"),
    "efficientnet_b0": application("EfficientNetB0"),
    "xception": application("Xception"),
    "convnext_tiny": application("ConvNeXtTiny"),
    "inception_resnet_v2": application("InceptionResNetV2"),
}
AS_LITE = ("small", "valid_t")


def products(model: keras.Model) -> int:
    """Multiply-accumulates of convolutions and matrix products."""
    inputs = [tf.TensorSpec([1, *(side or 224 for side in x.shape[1:])], x.dtype) for x in model.inputs]
    function = tf.function(lambda x: model(x, training=False)).get_concrete_function(*inputs)
    _, frozen = convert_variables_to_constants_v2_as_graph(function)
    with tf.Graph().as_default() as graph:
        tf.graph_util.import_graph_def(frozen, name="")
        nodes = [node for node in graph.get_operations() if node.type in PRODUCTS]
        return sum(int(ops.get_stats_for_node_def(graph, one.node_def, "flops").value or 0) for one in nodes) // 2


def lite(model: keras.Model, narrow: bool) -> bytes:
    """The model as a TensorFlow Lite file whose large buffers are empty."""
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    if narrow:

        def samples() -> Iterator[list[Any]]:
            yield [np.random.default_rng(0).random((1, *model.inputs[0].shape[1:])).astype("float32")]

        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = samples
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = tf.int8
    found = schema.ModelT.InitFromObj(schema.Model.GetRootAs(converter.convert(), 0))
    for buffer in found.buffers:
        if buffer.data is not None and len(buffer.data) > KEPT:
            buffer.data = None
    found.metadata = None
    builder = flatbuffers.Builder(1024)
    builder.Finish(found.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def main(names: list[str]) -> None:
    """Write the files of each name beside this one."""
    folder = Path(__file__).parent
    for name in names or list(MODELS):
        keras.utils.set_random_seed(0)
        model = MODELS[name]()
        with zipfile.ZipFile(folder / f"{name}.keras", "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr("config.json", model.to_json())
        if name in AS_LITE:
            for kind in ("float32", "int8"):
                (folder / f"{name}_{kind}.tflite").write_bytes(lite(model, kind == "int8"))
        trainable = sum(math.prod(one.shape) for one in model.trainable_variables)
        print(name, trainable, model.count_params(), products(model) if name != "seq" else "")


if __name__ == "__main__":
    main(sys.argv[1:])
