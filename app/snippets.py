"""A tensor as text for other programs: as NumPy with the line that computes it again, as curl, as httpx.

The texts run as they stand. Those that ask a server make the run there first, so that it need not know it.
"""

import re
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import orjson

from app.build import Live
from app.schemas.optimizers import AdaGrad, Adam, AdamW, RmsProp, Sgd
from engine.run import Frame
from engine.steps import PENALTY

Program = Literal["numpy", "curl", "httpx"]

MOST_CELLS = 4096
"""Larger arrays are loaded from the file that `?format=npy` answers."""

# The note's own rules; what stands in braces is a tensor of the same layer, or one that the loss takes.
RULES: dict[str, str] = {
    "dense.output": "{input} @ {weight} + {bias}",
    "dense.dweight": "{input}.T @ {dvalue}",
    "dense.dbias": "{dvalue}.sum(axis=0, keepdims=True)",
    "dense.dinput": "{dvalue} @ {weight}.T",
    "relu.output": "np.maximum({input}, 0)",
    "relu.dinput": "np.where({input} LEAST 0, {dvalue}, 0)",
    "sigmoid.output": "1 / (1 + np.exp(-{input}))",
    "sigmoid.dinput": "{dvalue} * {output} * (1 - {output})",
    "softmax.output": "(e := np.exp({input} - {input}.max(axis=1, keepdims=True)))"
    " / e.sum(axis=1, keepdims=True)",
    "softmax.dinput": "{output} * ({dvalue} - ({dvalue} * {output}).sum(axis=1, keepdims=True))",
    "loss.value": "{output}.mean(keepdims=True)",
    "cce.output": "-({target} * np.log(CLIPPED)).sum(axis=1, keepdims=True)",
    "cce.dinput": "-{target} / CLIPPED / SAMPLES",
    "bce.output": "-({target} * np.log(p := CLIPPED) + (1 - {target}) * np.log(1 - p))"
    ".OVER(axis=1, keepdims=True)",
    "bce.dinput": "((1 - {target}) / (1 - (p := CLIPPED)) - {target} / p) / SAMPLES",
    "fused cce.output": "({target} * (np.log(np.exp({logits} - (m := {logits}.max(axis=1, keepdims=True)))"
    ".sum(axis=1, keepdims=True)) + m - {logits})).sum(axis=1, keepdims=True)",
    "fused cce.dinput": "({prediction} * {target}.sum(axis=1, keepdims=True) - {target}) / SAMPLES",
    "fused bce.output": "(np.logaddexp(0, {logits}) - {target} * {logits}).OVER(axis=1, keepdims=True)",
    "fused bce.dinput": "({prediction} - {target}) / SAMPLES",
}

FAULTY_RULES: Mapping[str, Mapping[str, str]] = {
    "softmax_scalar": {
        "softmax.dinput": "{output} * {dvalue} - ({output} ** 2).sum(axis=1, keepdims=True)"
        " * {dvalue}.sum(axis=1, keepdims=True)"
    },
    "bias_not_summed": {"dense.dbias": "{dvalue}[:1]"},
    "input_overwritten": {"dense.dweight": "{dinput}.T @ {dvalue}"},
    "missing_transpose": {"dense.dinput": "{dvalue} @ {weight}.reshape({weight}.T.shape)"},
    "unsigned_label": {
        "cce.dinput": "WRAPPED / CLIPPED / SAMPLES",
        "bce.dinput": "((1 - {target}) / (1 - (p := CLIPPED)) + WRAPPED / p) / SAMPLES",
        "fused cce.dinput": "({prediction} * {target}.sum(axis=1, keepdims=True) + WRAPPED) / SAMPLES",
        "fused bce.dinput": "({prediction} + WRAPPED) / SAMPLES",
    },
}
"""What takes the place of a rule in a run with this fault; the others change a sign in theirs."""

STATES = ("momentum", "cache")
"""What optimisers remember, as an update writes it before it moves the parameter."""

OPERAND = re.compile(r"\{([\w.]+)\}")


def snippet(
    program: Program, host: str, live: Live, frame: Frame, name: str, *, guarded: bool = False
) -> str:
    """The text for a program.

    Args:
        program: Which.
        host: The server's address, without a slash at its end.
        live: The run.
        frame: The frame.
        name: The canonical name of a tensor that is computed there.
        guarded: Whether the server asks for a token, which the text then takes from its environment.
    """
    if program == "numpy":
        return numpy_text(live, frame, name)
    path = f"frames/{frame.position}/tensors/{name}"
    return (curl_text if program == "curl" else httpx_text)(host, live, path, name, guarded)


def numpy_text(live: Live, frame: Frame, name: str) -> str:
    """The tensor and what it was computed from, with every digit, and the line that computes it again."""
    rule, basis = rule_of(live, frame, name), _basis(live, frame, name)
    own = _variable(name)
    lines = ["import numpy as np", "", f"# {name} @ {frame.position}, run {live.id}"]
    called: dict[str, str] = {}
    for local in dict.fromkeys(OPERAND.findall(rule)):
        tensor = _operand(live, name, local)
        called[local] = _called(name, local)
        array = _array(frame if local in STATES else basis, tensor)
        lines.append(f"{called[local]} = {_one_hot(live, array) if local == 'target' else array}")
    lines.append(f"{own} = {_array(frame, name)}")
    if rule:
        formula = OPERAND.sub(lambda found: called[found[1]], rule)
        lines.append(f"again = {formula}  # {own}, computed again")
    return "\n".join([*lines, ""])


def curl_text(host: str, live: Live, path: str, _: str, guarded: bool) -> str:
    """Two calls for any shell of a Unix: a quoted here-document is taken as it is, however long."""
    curl = "curl -fsS" + (' -H "Authorization: Bearer $BACKGLASS_TOKEN"' if guarded else "")
    return (
        f"{curl} -o /dev/null {_quoted(host)}/api/v1/runs -H 'Content-Type: application/json'"
        f" --data-binary @- <<'SPEC'\n{live.link_spec.decode()}\nSPEC\n"
        f"{curl} {_quoted(host)}/api/v1/runs/{live.id}/{path}\n"
    )


def httpx_text(host: str, live: Live, path: str, name: str, guarded: bool) -> str:
    """The same lines of Python as in the README."""
    shows = ", headers={'Authorization': f'Bearer {os.environ[\"BACKGLASS_TOKEN\"]}'}" if guarded else ""
    return (
        ("import os\n\n" if guarded else "") + "import httpx\nimport numpy as np\n\n"
        f"api = httpx.Client(base_url={host + '/api/v1'!r}{shows})\n"
        f'run = api.post("/runs", json={orjson.loads(live.link_spec)!r}).json()\n'
        f"tensor = api.get(f\"/runs/{{run['id']}}/{path}\").json()\n"
        f'{_variable(name)} = np.array(tensor["values"], dtype=np.{live.run.dtypes()[name].name})\n'
        f"print({_variable(name)})\n"
    )


def rule_of(live: Live, frame: Frame, name: str) -> str:
    """The formula of a tensor under the run's conventions; empty where nothing computed it."""
    spec: Any = live.spec
    owner, _, attribute = name.partition(".")
    if parameter := _parameter(live, name):
        state = name[len(parameter) + 1 :]
        variable = parameter.rpartition(".")[2]
        return _memory(live, frame, variable, state) if state else _update(live, frame, variable)
    rules, binary = spec.conventions, spec.loss == "binary_crossentropy"
    fused = "fused " if spec.head == "fused" else ""
    last = live.run.network.names[-1]
    kind = owner.rpartition("_")[0] or owner
    if name in ("loss.output", "loss.dinput") or (fused and name == f"{last}.dinput"):
        kind = f"{fused}{'bce' if binary else 'cce'}"
    averaged = binary and rules.bce_outputs == "mean"
    faulty = {rule: text for fault in spec.faults for rule, text in FAULTY_RULES.get(fault, {}).items()}
    samples = "{target}.size" if averaged else "len({target})"
    if "missing_mean" in spec.faults:
        samples = "{target}.shape[1]" if averaged else "1"
    return (
        (RULES | faulty)
        .get(f"{kind}.{attribute}", "")
        .replace("LEAST", ">=" if rules.relu_at_zero != ("relu_at_zero" in spec.faults) else ">")
        .replace("WRAPPED", "np.where({target} == 1, 255, -{target})")
        .replace("OVER", rules.bce_outputs)
        .replace(
            "CLIPPED",
            f"np.clip({{prediction}}, {rules.clip}, 1 - {rules.clip})" if rules.clip else "{prediction}",
        )
        .replace("SAMPLES", samples)
    ) + _penalised(live, name)


def _update(live: Live, frame: Frame, attribute: str) -> str:
    updates = frame.position // live.run.steps_per_iteration
    how, gradient = live.spec.optimizer, f"{{d{attribute}}}"
    rate = f"{how.learning_rate}" + (f" / (1 + {how.decay} * {updates - 1})" if how.decay else "")
    sign = "+" if "wrong_sign" in live.spec.faults else "-"
    if not updates:
        return ""
    match how:
        case Sgd(momentum=0):
            return f"{{before}} {sign} {rate} * {gradient}"
        case Sgd(nesterov=True):
            return f"{{before}} {sign} {rate} * ({gradient} + {how.momentum} * {{momentum}})"
        case Sgd():
            return f"{{before}} {sign} {rate} * {{momentum}}"
        case AdaGrad() | RmsProp():
            return f"{{before}} {sign} {rate} * {gradient} / (np.sqrt({{cache}}) + {how.epsilon})"
        case Adam() | AdamW():
            kept = f" * (1 - {rate} * {how.weight_decay})" if isinstance(how, AdamW) else ""
            mean = f"({{momentum}} / (1 - {how.beta1} ** {updates}))"
            scale = f"(np.sqrt({{cache}} / (1 - {how.beta2} ** {updates})) + {how.epsilon})"
            return f"{{before}}{kept} {sign} {rate} * {mean} / {scale}"


def _memory(live: Live, frame: Frame, variable: str, state: str) -> str:
    """What the optimiser remembers of a gradient."""
    how, gradient = live.spec.optimizer, f"{{d{variable}}}"
    if not frame.position // live.run.steps_per_iteration:
        return ""
    match how:
        case Sgd():
            return f"{how.momentum} * {{before}} + {gradient}"
        case AdaGrad():
            return f"{{before}} + {gradient} ** 2"
        case RmsProp():
            return f"{how.rho} * {{before}} + (1 - {how.rho}) * {gradient} ** 2"
        case Adam() | AdamW():
            kept, new = (how.beta1, gradient) if state == "momentum" else (how.beta2, f"{gradient} ** 2")
            return f"{kept} * {{before}} + (1 - {kept}) * {new}"


def _parameter(live: Live, name: str) -> str | None:
    """The parameter that a tensor is, or that it remembers something of."""
    own = (p for p in live.run.network.parameters if name == p or name.startswith(f"{p}."))
    return next(own, None)


def _penalised(live: Live, name: str) -> str:
    """What a penalty adds to a rule; of the penalty itself, all of it."""
    penalties = live.run.network.penalties
    if name == PENALTY:
        return " + ".join(
            part
            for tensor, penalty in penalties.items()
            for factor, part in (
                (penalty.l1, f"{penalty.l1} * np.abs({{{tensor}}}).sum(keepdims=True)"),
                (penalty.l2, f"{penalty.l2} * ({{{tensor}}} ** 2).sum(keepdims=True)"),
            )
            if factor
        )
    owner, _, attribute = name.partition(".")
    if name == "loss.value" and penalties:
        return " + {penalty}"
    if attribute != "dweight" or f"{owner}.weight" not in penalties:
        return ""
    penalty = penalties[f"{owner}.weight"]
    l1 = f" + {penalty.l1} * np.sign({{weight}})" if penalty.l1 else ""
    return l1 + (f" + {2 * penalty.l2} * {{weight}}" if penalty.l2 else "")


def _basis(live: Live, frame: Frame, name: str) -> Frame:
    """The frame in which the operands stand: after an update, the last one before it."""
    steps = live.run.steps_per_iteration
    start = frame.position // steps * steps
    written = frame.computed_at[name]
    old = _parameter(live, name) or (written is not None and 0 < written < start)
    return live.run.frame(start - 1) if old and start else frame


def _called(name: str, local: str) -> str:
    """The variable of an operand."""
    if "." in local:
        return _variable(local)
    return _variable(name if local in ("before", *STATES) else name.split(".")[0], local)


def _operand(live: Live, name: str, local: str) -> str:
    if "." in local:
        return local
    network = live.run.network
    beyond = {
        "prediction": network.prediction,
        "logits": network.wire(f"{network.names[-1]}.input"),
        "target": "batch.target",
        "before": name,
        **{state: f"{name}.{state}" for state in STATES},
    }
    return beyond.get(local) or network.wire(f"{name.partition('.')[0]}.{local}")


def _array(frame: Frame, name: str) -> str:
    array = frame.tensors[name]
    if array is None or array.size > MOST_CELLS:
        return f'np.load("{name}-{frame.position}.npy")'
    rows = ",\n    ".join(f"[{', '.join(map(_number, row))}]" for row in array)
    return f"np.array([{rows}], dtype=np.{array.dtype.name})"


def _number(value: Any) -> str:
    """The shortest digits that are this very number."""
    return str(value) if np.isfinite(value) else f"{'-' if value < 0 else ''}np.{abs(value)}"


def _one_hot(live: Live, array: str) -> str:
    """Labels given by number as the rows that the loss takes them for."""
    if live.spec.loss != "categorical_crossentropy" or live.run.dtypes()["data.target"].kind != "i":
        return array
    return f"np.eye({live.run.shapes()[live.run.network.prediction][1]})[{array}[:, 0]]"


def _variable(*parts: str) -> str:
    return "_".join(parts).replace(".", "_")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
