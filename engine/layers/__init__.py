"""The documented layers, each with its forward and backward pass side by side."""

from engine.layers.base import Layer
from engine.layers.dense import Dense
from engine.layers.relu import ReLU
from engine.layers.sigmoid import Sigmoid
from engine.layers.softmax import Softmax

__all__ = ["Dense", "Layer", "ReLU", "Sigmoid", "Softmax"]
