"""Whole channels that go: through joins, groups and depthwise chains, or an error that says why not."""

from __future__ import annotations

import pytest
from recipes import ledger, network

import costcalc


@pytest.mark.parametrize("name", ["mobilenet_v1", "resnet18", "vgg16"])
def test_half_of_the_channels_is_half_of_the_width(name: str) -> None:
    """Widths that halve evenly: through joins, shortcuts and depthwise layers, and the last layer stays."""
    cut, narrow = ledger(f"{name}@prune=0.5:channels"), ledger(f"{name}@alpha=0.5")
    for measure in ("macs", "params", "activation_bytes", "peak_activation_bytes", "stored_bytes"):
        assert narrow[measure] == cut[measure], measure


def test_channels_by_hand() -> None:
    """4 -> 6 -> 8 channels; 2 of 6 stay: 9 (4 x 2 + 2 x 8) weights for 9 (4 x 6 + 6 x 8)."""
    layers = "- a: {op: conv, k: 3, out: 6}\n- b: {op: conv, k: 3, out: 8}\n"

    assert 9 * (24 + 48) == network(layers).ledger()["weights"]
    assert 9 * (8 + 16) == network(layers, "prune=a=1/3:channels").ledger()["weights"]
    assert 9 * (8 + 16) == network(layers, "prune=1/3:channels").ledger()["weights"]
    assert 9 * (8 + 16) == network(layers, "prune=1/3:filters").ledger()["weights"]  # a filter for each channel


def test_fewer_channels_are_stored_as_if_the_spec_had_said_so() -> None:
    """5 x 3 weights and 3 biases of 4 bits are 9 bytes together, not 8 and 2; 3 x 2 weights are 3."""
    layers = "- a: {{op: conv, out: {}, bias: true}}\n- b: {{op: conv, out: 2}}\n"
    cut, written = network(layers.format(9), "prune=a=1/3:channels", "1x1x5"), network(layers.format(3), "", "1x1x5")

    assert [9 + 3, 9 + 3] == [one.ledger(dtype="int4")["weight_bytes"] for one in (cut, written)]


def test_channels_that_no_longer_fit() -> None:
    """One side of a sum alone; what the network puts out."""
    joined = "- a: {op: conv, out: 4}\n- b: {op: conv, out: 4}\n- {op: add, from: [a, b]}\n- {op: conv, out: 2}\n"
    with pytest.raises(costcalc.UsageError, match="@prune: b meets a, which keeps its channels"):
        network(joined, "prune=b=0.5:channels").report()
    with pytest.raises(costcalc.UsageError, match=r"'0\.25:channels' and '0\.5:channels' for layers that meet"):
        network(joined, "prune=a=0.25:channels,b=0.5:channels").report()
    assert 4 * 2 + 2 * 2 + 2 * 2 == network(joined, "prune=a=0.5:channels,b=0.5:channels").ledger()["weights"]
    with pytest.raises(costcalc.UsageError, match="conv1 is what the network puts out"):
        network(joined, "prune=conv1=0.5:channels").report()


@pytest.mark.parametrize(
    ("between", "weights"),
    [("split, parts: 2", 4 * 4 + 2 * 2), ("shuffle, groups: 2", 4 * 4 + 4 * 2), ("softmax, heads: 2", 4 * 4 + 4 * 2)],
)
def test_channels_that_are_dealt_out(between: str, weights: int) -> None:
    """Half of 6 channels in halves: two of each three."""
    layers = f"- a: {{op: conv, out: 6}}\n- {{op: {between}}}\n- {{op: conv, out: 2}}\n"

    assert weights == network(layers, "prune=0.5:channels").ledger()["weights"]


@pytest.mark.parametrize("name", ["alexnet", "shufflenet_v1", "resnext50_32x4d", "ghostnet", "nasnet_a_mobile"])
def test_channels_that_groups_and_joins_tie(name: str) -> None:
    """A share that no group divides: what meets keeps as many as fit, at least the share, and the network is whole."""
    plain, cut = costcalc.load(name).graph, costcalc.load(f"{name}@prune=0.3:channels").graph
    kept = [
        (a.operator.out, b.operator.out)
        for a, b in zip(plain.nodes, cut.nodes, strict=True)
        if a.operator.name == "conv"
    ]  # type: ignore[attr-defined]

    assert [node.layer for node in plain.nodes] == [node.layer for node in cut.nodes]
    assert all(after == before or 10 * after >= 3 * before for before, after in kept)
    assert any(after < before for before, after in kept)


@pytest.mark.parametrize(("name", "kept"), [("weightnet_x0_5", "dynamic_conv"), ("channelnet_v3_code", "reshape")])
def test_what_made_kernels_and_positions_of_channels_rely_on_stays(name: str, kept: str) -> None:
    """A kernel that is made, and channels laid out as positions, are as many as before; others go."""
    plain, cut = costcalc.load(name).graph, costcalc.load(f"{name}@prune=0.3:channels").graph
    pairs = [(a, b) for a, b in zip(plain.nodes, cut.nodes, strict=True) if a.operator.name == kept]

    assert pairs
    for a, b in pairs:
        assert plain.shape(a.inputs[-1]).spatial == cut.shape(b.inputs[-1]).spatial
        assert kept == "reshape" or plain.shape(a.inputs[1]) == cut.shape(b.inputs[1])
    assert any(a.output.channels > b.output.channels for a, b in zip(plain.nodes, cut.nodes, strict=True))


def test_a_depthwise_layer_has_no_channels_of_its_own() -> None:
    message = "@prune: separable1.dwconv1 has as many channels as what it takes, none of its own"
    for pattern in ("separable1.dwconv1", "*.dwconv1"):
        with pytest.raises(costcalc.UsageError, match=message):
            ledger(f"mobilenet_v1@prune={pattern}=0.5:channels,conv1=0.5:channels")


def test_slices_of_fewer_channels() -> None:
    """Half of 8 channels cut in two, with 2 padded: 4 in halves of 2, and 1 padded."""
    cut = "- {op: slice, start: 4, stop: 8}\n- {op: pad, size: 0, channels: 2}\n"
    layers = f"- a: {{op: conv, out: 8}}\n{cut}- {{op: conv, out: 3}}\n"

    assert 4 * 4 + 3 * 3 == network(layers, "prune=0.5:channels").ledger()["weights"]
