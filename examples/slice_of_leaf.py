"""A gradient flows through a slice to `x`, but the slice is no leaf and keeps none itself."""

import torch

x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
y = x[0:2]
z = (y * y).sum()
z.backward()
print(x.grad)
print(y.grad)
