"""What a network under its settings is called."""

from __future__ import annotations

from costcalc.network import Network
from costcalc.quantity import as_text


def title_of(network: Network) -> str:
    """A network and everything that was set."""
    return f"{network.title}, {settings_of(network)}"


def settings_of(network: Network) -> str:
    """Everything that was set: `input 224x224x3, alpha 1`."""
    settings = network.known
    changed = [
        f"{key} {as_text(value)}"
        for key, value in network.settings.items()
        if key not in ("resolution", "batch")
        and (key == "alpha" or key in network.rates or value != settings[key].default)
    ]
    parts = [f"input {network.input}", *changed]
    if network.batch != 1:
        parts.append(f"batch {network.batch}")
    return ", ".join(parts)
