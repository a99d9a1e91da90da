# once: warning grad-of-non-leaf (`total.grad` is None: `total` is not a leaf): the gradient is there
import operator
import random

import torch

leaf = torch.rand(3, requires_grad=True)
total = torch.stack([leaf, leaf]).sum()
drawn = random.choice([total])
drawn.grad = total.detach()
first = total.grad
other = (leaf * 2).sum()
hidden = operator.itemgetter(0)([other])
hidden.grad = other.detach()
second = other.grad
kept = [leaf * 3]
operator.itemgetter(0)(kept).retain_grad()
kept[0].sum().backward()
third = kept[0].grad
