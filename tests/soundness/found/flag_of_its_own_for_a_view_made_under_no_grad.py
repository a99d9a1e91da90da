# once: `g43` is claimed to be none, it is ['tensor']
import torch
with torch.set_grad_enabled(False):
    t4 = torch.eye(3, requires_grad=True)[0]
    t4.requires_grad_()
t4.sum().backward()
g43 = t4.grad
