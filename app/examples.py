"""The documentation's examples. Each works as it stands: what they name is made when the service starts."""

from typing import Any

from fastapi.openapi.models import Example

from app.csv_data import table_of
from app.identity import identify
from app.normalise import normalise
from app.presets import DEFAULT, PRESETS
from app.schemas.spec import Spec
from app.uploads import hash_of, packed


def shown(value: Any) -> dict[str, Example]:
    """A value as the one example of a parameter or a body."""
    return {"example": {"value": value}}


SPEC = PRESETS[DEFAULT]

RUN_ID = identify(normalise(Spec.model_validate(SPEC))).id

PLANE = PRESETS["spiral"]

PLANE_ID = identify(normalise(Spec.model_validate(PLANE))).id

FORK = {
    "edits": [{"position": 0, "tensor": "dense_1.weight", "index": [2, 3], "value": 0.5}],
    "changes": {"optimizer": {"type": "sgd", "learning_rate": 0.05}},
}

BACKPROP = {
    "layers": [
        {"type": "dense", "weight": [[0.2, -0.1], [0.4, 0.3], [-0.5, 0.1]], "bias": [0.1, 0.0]},
        {"type": "softmax"},
    ],
    "input": [[1.0, 2.0, -1.0], [0.5, -0.5, 2.0]],
    "target": [0, 1],
    "loss": "categorical_crossentropy",
}

TABLE = """\
width,height,kind
5.1,3.5,cat
4.9,3.0,cat
6.2,2.9,dog
5.9,3.2,dog
"""

UPLOAD = hash_of(packed(table_of(TABLE.encode(), None)))

FORWARD = {"input": [[1.0, 2.0, 3.0]], "jacobians": True}

BACKWARD = {
    "input": [[-0.35667494393873245, -2.3025850929940455, -1.6094379124341003]],
    "dvalue": [[-0.47619047619047616, 0.0, 0.0]],
    "jacobians": True,
}

HOMEWORK = {"values": [[0.01] * 3] * 5, "tolerance": 1e-6}
"""For `dense_2.dweight`, which is another."""
