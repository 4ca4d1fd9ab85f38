"""Binary networks: BWN and XNOR-Net, arXiv:1603.05279."""

from __future__ import annotations

import pytest
from recipes import ledger, network

from costcalc.recipes import load_recipe


@pytest.mark.parametrize(("channels", "k", "speed"), [(256, 3, 62.27), (3, 3, 18.99), (64, 3, 57.6), (256, 1, 51.2)])
def test_speed_up_of_xnor_net(channels: int, k: int, speed: float) -> None:
    """64 c N / (c N + 64), whatever the number of filters and positions."""
    layers = f"- {{op: conv, k: 1, out: {channels}}}\n- b: {{op: conv, k: {k}, out: 32}}\n- {{op: conv, out: 2}}\n"
    middle = network(layers, "binarise=xnor", "14x14x5").ledger().layers["b"]

    assert speed == pytest.approx(float(middle["xnor_speed_up"]), abs=0.01)
    assert middle["macs"] == middle["binary_mult_adds"] == pytest.approx(64 * middle["xnor_popcounts"], abs=63)


def test_scales_of_inputs_by_hand() -> None:
    """4 channels of 8x8 to 6 of 4x4 under a 3x3 window between two layers that stay: 256 additions for the mean over
    channels, 9 at each of 16 positions, and two multiplications for each of 96 outputs; of BWN one."""
    layers = "- a: {op: conv, out: 4}\n- b: {op: conv, k: 3, stride: 2, out: 6}\n- c: {op: conv, out: 2}\n"

    assert 256 + 9 * 16 + 2 * 96 == network(layers, "binarise=xnor").ledger()["scale_operations"]
    assert 96 == network(layers, "binarise=bwn").ledger()["scale_operations"]
    assert 0 == network(layers).ledger()["scale_operations"]
    assert 256 + 2 * 256 == network(layers, "binarise=a=xnor").ledger()["scale_operations"]  # 1x1: no window


def test_scales_of_inputs_where_a_window_slides_along_the_channels() -> None:
    """3 magnitudes at each of 4 places along the channels of 64 positions, one scale for both maps' outputs."""
    layers = "- a: {op: conv, out: 4}\n- b: {op: channel_conv, k: 3, maps: 2}\n- c: {op: conv, out: 2}\n"

    assert 256 + 64 * 4 * 3 + 2 * 512 == network(layers, "binarise=xnor").ledger()["scale_operations"]


def test_binary_weights_of_alexnet() -> None:
    """58,236,928 bits and 9,472 scales; conv1 and the classifier stay in float32: 32 times for a layer, 10.5 in all."""
    assert {"alexnet_xnor_net"} == {load_recipe(name).network for name in ("bwn", "xnor_alexnet")}
    found = ledger("alexnet_xnor_net@recipe=bwn")
    last = found.layers["conv1"], found.layers["linear3"]

    assert 7_279_616 + 9_472 * 4 + 16_523_392 == found["kernel_bytes"]
    assert [34_848 * 4, 4_096_000 * 4] == [entry["value_bytes"] for entry in last]
    assert 10.5 == round(float(found["compression"]), 1)
    assert (105_415_200, 1_135_256_096) == (found.layers["conv1"]["macs"], found["macs"])
    assert 1_025_744_896 == ledger("alexnet_xnor_net@recipe=xnor_alexnet")["binary_mult_adds"]


def test_bytes_of_a_layer_with_a_bias() -> None:
    """216 binary weights, 6 scales and 6 biases of float32; without a recipe 4-bit numbers lie together."""
    layers = "- a: {op: conv, out: 4}\n- b: {op: conv, k: 3, out: 6, bias: true}\n- c: {op: conv, out: 2}\n"
    odd = network("- a: {op: conv, out: 3, bias: true}\n- {op: relu}\n", size="4x4x1").ledger(weights="int4")

    assert 216 // 8 + 6 * 4 + 6 * 4 == network(layers, "binarise=xnor").ledger().layers["b"]["weight_bytes"]
    assert (3 + 3) * 4 // 8 == odd["weight_bytes"]
