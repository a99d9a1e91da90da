# once: `a28`.requires_grad is claimed True, torch has ['False']
import random
import torch
t1 = torch.randn(3)
t2 = torch.rand(3, requires_grad=True)
t4 = t2
t2 = t1
t13 = torch.ones(3)
if random.random:
    t4 = torch.stack([t2, t2])[1]
t13[:] = t4

def f27(*rest):
    a28 = rest[0]
t42 = f27(t13, t4)
