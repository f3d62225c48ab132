"""How parameters move against their gradients: a kind of rule a file."""

from engine.optimizers.adagrad import AdaGrad, RMSprop
from engine.optimizers.adam import Adam, AdamW
from engine.optimizers.base import Optimizer
from engine.optimizers.sgd import SGD

__all__ = ["SGD", "AdaGrad", "Adam", "AdamW", "Optimizer", "RMSprop"]
