# once: error backward-twice (all of it rests on `product`): the program ran to its end
import torch

left = torch.ones(3, requires_grad=True)
right = torch.full((), 0.5, requires_grad=True)
product = max(left.sum(), right.sum()) * left
for _ in range(3):
    torch.autograd.grad(product.sum(), right, allow_unused=True)
product.sum().backward()
seen = left.grad
