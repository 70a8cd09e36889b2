"""The notes' equations for any dense network, written from their recurrence: nothing here is derived.

Each formula stands twice, as text and as LaTeX, for a layer l of L.
"""

from __future__ import annotations

HIDDEN = {  # dZ = dA ⊙ g'(Z), equation (17)
    "elu": (
        "dA[l] ⊙ where(Z[l] > 0, 1, exp(Z[l]))",
        r"dA^{[l]} \odot \left(\begin{cases} 1 & \text{where } Z^{[l]} > 0 \\"
        r" \exp(Z^{[l]}) & \text{elsewhere} \end{cases}\right)",
    ),
    "gelu": (
        "dA[l] ⊙ (erfc(−Z[l] / √2) / 2 + Z[l] ⊙ exp(−Z[l]² / 2) / √(2π))",
        r"dA^{[l]} \odot \left(\frac{1}{2} \operatorname{erfc}\left(-\frac{1}{\sqrt{2}} Z^{[l]}\right)"
        r" + \frac{1}{\sqrt{2 \pi}} Z^{[l]} \odot"
        r" \exp\left(-\frac{1}{2} \left(Z^{[l]}\right)^{2}\right)\right)",
    ),
    "identity": ("dA[l]", "dA^{[l]}"),
    "leaky_relu": (
        "dA[l] ⊙ where(Z[l] > 0, 1, 0.01)",
        r"dA^{[l]} \odot \left(\begin{cases} 1 & \text{where } Z^{[l]} > 0 \\"
        r" 0.01 & \text{elsewhere} \end{cases}\right)",
    ),
    "relu": ("dA[l] ⊙ (A[l] > 0)", r"dA^{[l]} \odot \operatorname{I}\left(A^{[l]} > 0\right)"),
    "sigmoid": ("dA[l] ⊙ A[l] ⊙ (1 − A[l])", r"dA^{[l]} \odot A^{[l]} \odot \left(1 - A^{[l]}\right)"),
    "silu": (
        "dA[l] ⊙ σ(Z[l]) ⊙ (Z[l] ⊙ (1 − σ(Z[l])) + 1)",
        r"dA^{[l]} \odot \sigma(Z^{[l]}) \odot"
        r" \left(Z^{[l]} \odot \left(1 - \sigma(Z^{[l]})\right) + 1\right)",
    ),
    "softmax": (
        "A[l] ⊙ (dA[l] − Σ_axis=0 dA[l] ⊙ A[l])",
        r"A^{[l]} \odot \left(dA^{[l]} - \sum_{\text{axis}=0} dA^{[l]} \odot A^{[l]}\right)",
    ),
    "softplus": ("dA[l] ⊙ σ(Z[l])", r"dA^{[l]} \odot \sigma(Z^{[l]})"),
    "tanh": ("dA[l] ⊙ (1 − A[l]²)", r"dA^{[l]} \odot \left(1 - \left(A^{[l]}\right)^{2}\right)"),
}

COSTS = {  # dA of the output, equation (9)
    "binary_cross_entropy": (
        "((1 − Y) / (1 − A[l]) − Y / A[l]) / m",
        r"\frac{1}{m} \left(\frac{1 - Y}{1 - A^{[l]}} - \frac{Y}{A^{[l]}}\right)",
    ),
    "cross_entropy": ("−(Y / A[l]) / m", r"-\frac{1}{m} \frac{Y}{A^{[l]}}"),
    "huber": ("min(max(A[l] − Y, −1), 1) / m", r"\frac{1}{m} \min(\max(A^{[l]} - Y, -1), 1)"),
    "sigmoid_cross_entropy": ("(σ(A[l]) − Y) / m", r"\frac{1}{m} \left(\sigma(A^{[l]}) - Y\right)"),
    "softmax_cross_entropy": (
        "(softmax(A[l]) − Y) / m",
        r"\frac{1}{m} \left(\operatorname{softmax}(A^{[l]}) - Y\right)",
    ),
    "squared_error": ("(A[l] − Y) / m", r"\frac{1}{m} \left(A^{[l]} - Y\right)"),
}

_CANCELLED = ("(A[l] − Y) / m", r"\frac{1}{m} \left(A^{[l]} - Y\right)")
OUTPUTS = {  # dZ of the output, where more comes of cost and activation together than (17) says
    ("sigmoid", "binary_cross_entropy"): _CANCELLED,
    ("softmax", "cross_entropy"): _CANCELLED,
    ("sigmoid", "cross_entropy"): (
        "−Y ⊙ (1 − A[l]) / m",
        r"-\frac{1}{m} Y \odot \left(1 - A^{[l]}\right)",
    ),
}

PRODUCT = ("dZ[l] A[k]ᵀ", r"dZ^{[l]} \, A^{[k]\top}")  # (15)
FIRST_PRODUCT = ("dZ[l] Xᵀ", r"dZ^{[l]} \, X^{\top}")
TOTAL = ("Σ_axis=1 dZ[l]", r"\sum_{\text{axis}=1} dZ^{[l]}")  # (16)
HANDED_BACK = ("W[l]ᵀ dZ[l]", r"W^{[l]\top} \, dZ^{[l]}")  # (22)


def equations(activations, cost):
    """The way back through a network: text without padding, and LaTeX, a line an equation."""
    L, lines = len(activations), []
    for l in range(L, 0, -1):
        if l == L:
            lines.append(("dA[l]", COSTS[cost], 9, l))
        own = HIDDEN[activations[l - 1]]
        lines.append(("dZ[l]", OUTPUTS.get((activations[-1], cost), own) if l == L else own, 17, l))
        lines.append(("dW[l]", PRODUCT if l > 1 else FIRST_PRODUCT, 15, l))
        lines.append(("db[l]", TOTAL, 16, l))
        if l > 1:
            lines.append(("dA[k]", HANDED_BACK, 22, l))
    text = [_at(l, f"{name} = {right}   ({number})") for name, (right, _), number, l in lines]
    latex = [
        _at(l, rf"{name.replace('[', '^{[').replace(']', ']}')} &= {right} && \text{{({number})}}")
        for name, (_, right), number, l in lines
    ]
    return text, latex


def _at(l, line):
    return line.replace("[l]", f"[{l}]").replace("[k]", f"[{l - 1}]")
