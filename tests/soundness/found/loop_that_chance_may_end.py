# That a loop turns twice is not taken for granted where chance decides before each turn.

import random

import torch

w = torch.ones(3, requires_grad=True)
y = (w * w).exp()
n = 0
while n < 3 and random.random() < 0.3:
    y.sum().backward()
    n += 1
