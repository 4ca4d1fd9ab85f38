"""Runs other tools' counters on networks of torchvision and timm, and prints what they print as CSV.

Not part of the tests: it needs the tools. It was run once: `conventions/runs.csv` is its
output, without the rows that its first lines name.

    pip install torch torchvision timm fvcore ptflops==0.7.5 thop torchinfo==1.8.0 torchprofile
    pip install calflops==0.3.2 transformers torchscan==0.2.0 torchmeter==0.1.0 torchstat==0.0.7 onnx-tool==1.0.1
    python tests/golden/run_counters.py > runs.csv

A tool that fails on a network leaves no line in the file, and says why on standard error.
"""

from __future__ import annotations

import contextlib
import io
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

SETTINGS = {
    "torchvision": (
        "alexnet", "densenet121", "efficientnet_b0", "googlenet", "inception_v3", "mnasnet1_0", "mobilenet_v2",
        "mobilenet_v3_small", "resnet18", "resnext50_32x4d", "shufflenet_v2_x0_5", "squeezenet1_1", "vgg11_bn",
        "resnet50",
    ),
    "timm": (
        "densenet121", "efficientnet_b0", "fbnetc_100", "ghostnet_100", "inception_v3", "mnasnet_100",
        "mobilenetv1_100", "mobilenetv2_100", "mobilenetv3_large_100", "resnet50", "seresnet50",
    ),
}  # fmt: skip
SIZES = ((224, 1), (192, 8), (250, 2))


def build(library, name):
    import torch

    torch.manual_seed(0)
    if library == "timm":
        import timm

        return timm.create_model(name).eval()
    import torchvision

    extra = {"aux_logits": False, "init_weights": False} if name in ("inception_v3", "googlenet") else {}
    return getattr(torchvision.models, name)(weights=None, **extra).eval()


def fvcore(model, x):
    from fvcore.nn import FlopCountAnalysis

    counted = FlopCountAnalysis(model, x)
    counted.unsupported_ops_warnings(False).uncalled_modules_warnings(False)
    yield "fvcore", int(counted.total())


def ptflops(model, x):
    from ptflops import get_model_complexity_info

    def given(_):
        return x

    def one(**more):
        return get_model_complexity_info(
            model, tuple(x.shape[1:]), print_per_layer_stat=False, as_strings=False, input_constructor=given, **more
        )[0]

    yield "ptflops", one(backend="pytorch")
    yield "ptflops_nofunc", one(backend="pytorch", backend_specific_config={"count_functional": False})
    yield "ptflops_aten", one(backend="aten")


def thop(model, x):
    import thop

    total, params = thop.profile(model, inputs=(x,), verbose=False)
    yield "thop", total
    yield "thop:params", params


def torchinfo(model, x):
    import torchinfo

    yield "torchinfo", torchinfo.summary(model, input_data=x, verbose=0).total_mult_adds


def torchprofile(model, x):
    import torchprofile

    yield "torchprofile", torchprofile.profile_macs(model, x)


def torch_(model, x):
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model(x)
    yield "torch", counter.get_total_flops()


def calflops(model, x):
    from calflops import calculate_flops

    found = calculate_flops(model=model, args=[x], print_results=False, print_detailed=False, output_as_string=False)
    yield "calflops", found[0]
    yield "calflops_macs", found[1]


def torchscan(model, x):
    from torchscan.crawler import crawl_module

    found = crawl_module(model, args=(x,))
    for name, key in (("torchscan_flops", "module_flops"), ("torchscan_macs", "macs")):
        yield name, found["totals"][key]["known_value"]


def torchmeter(model, x):
    from torchmeter import Meter

    meter = Meter(model, device="cpu")
    meter(x)
    yield "torchmeter_flops", int(meter.cal.Flops.val)
    yield "torchmeter_macs", int(meter.cal.Macs.val)


def torchstat(model, x):
    import numpy as np

    for name in ("int", "float", "bool", "object"):
        if not hasattr(np, name):
            setattr(np, name, {"int": int, "float": float, "bool": bool, "object": object}[name])
    from torchstat import ModelStat

    stat = ModelStat(model, tuple(x.shape[1:]), 1)
    collected = stat._analyze_model()
    yield "torchstat_madd", int(sum(node.MAdd for node in collected))
    yield "torchstat_flops", int(sum(node.Flops for node in collected))


def onnx_tool(model, x):
    import onnx_tool as tool
    import torch

    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "model.onnx")
        torch.onnx.export(model, x, path, opset_version=17, dynamo=False)
        found = tool.Model(path, mcfg={"constant_folding": True, "verbose": False})
        found.graph.shape_infer()
        found.graph.profile()
        yield "onnx_tool", int(found.graph.macs[0])


TOOLS = {
    "fvcore": fvcore, "ptflops": ptflops, "thop": thop, "torchinfo": torchinfo, "torchprofile": torchprofile,
    "torch": torch_, "calflops": calflops, "torchscan": torchscan, "torchmeter": torchmeter, "torchstat": torchstat,
    "onnx_tool": onnx_tool,
}  # fmt: skip


def main():
    """One process a tool: some leave the functions of torch patched."""
    if len(sys.argv) == 1:
        print("network,resolution,batch,counter,value", flush=True)
        for tool in TOOLS:
            subprocess.run([sys.executable, __file__, tool], check=False)
        return
    warnings.simplefilter("ignore")
    import torch

    torch.set_num_threads(1)
    only = sys.argv[2:]
    for library, names in SETTINGS.items():
        for name in names:
            if only and f"{library}/{name}" not in only:
                continue
            for size, batch in SIZES:
                try:
                    out = io.StringIO()
                    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out), torch.no_grad():
                        model = build(library, name)
                        found = [*TOOLS[sys.argv[1]](model, torch.rand(batch, 3, size, size))]
                except BaseException as error:
                    print(f"{sys.argv[1]} {name} {size}: {error!r:.150}", file=sys.stderr, flush=True)
                    continue
                for counter, value in found:
                    print(f"{library}/{name},{size},{batch},{counter},{value}", flush=True)


if __name__ == "__main__":
    main()
