# once: `g16`.requires_grad was claimed False, torch has 'True'
import torch
t3 = torch.ones(3, requires_grad=True)
t11, t12 = (t3, t3)
t11.abs().sum().backward(create_graph=True)
g16 = t3.grad
