# The same of an if statement: which of its branches runs is for the program to decide.
import random

import torch

leaf = torch.ones(3, requires_grad=True)


def grow(x):
    x.add_(1)


if random.random() < 2:
    grow(torch.ones(3))
else:
    grow(leaf)
