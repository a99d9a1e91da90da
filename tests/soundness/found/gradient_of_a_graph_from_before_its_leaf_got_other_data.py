# once: `g12`.dtype is claimed float32, torch has ['float64']
import torch
t1 = torch.linspace(0, 1, 3, dtype=torch.double)
t2 = torch.ones(3)
t1.detach_().requires_grad_()
t4 = t1.index_copy(0, torch.arange(3), t1)
t1.data = t2
t4.sum().backward()
g12 = t1.grad
