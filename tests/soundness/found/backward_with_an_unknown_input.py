# An input of backward() that a cut recursion gave may be any tensor handed to it, and retains.
import random

import torch

t3 = torch.rand(3, requires_grad=True) * 1.5
t1 = torch.ones(3)


def swapped(*rest):
    if random.random() < 0.3:
        return swapped(rest[1], rest[0])
    return rest[0]


t9 = swapped(t3, t1)
t10 = torch.ones(3, requires_grad=True)
t10.sum().backward(inputs=[t9])
(t9 + t3.exp()).sum().backward()
g = t3.grad
