"""`+=` on a tensor of the graph: harmless after `*`, fatal after `exp`, which saved its result."""

import torch


def after_multiplication():
    x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    y = x * 2
    y += 1
    y.sum().backward()
    print(x.grad)


def after_exp():
    x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    y = x.exp()
    y += 1
    y.sum().backward()
    print(x.grad)


after_multiplication()
after_exp()
