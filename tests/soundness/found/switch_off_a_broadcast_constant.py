# once: error requires-grad-on-non-leaf: the program ran to its end
import torch
a = torch.ones(3)
b = torch.ones(3, requires_grad=True) * 2
c, d = torch.broadcast_tensors(a, b)
e = c
c.requires_grad = False
g = d.grad
