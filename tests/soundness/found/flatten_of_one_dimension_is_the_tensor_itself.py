# once: `t13`.grad was claimed none, torch has 'set'
import torch
t2 = torch.empty(3).fill_(1.0)

def f5(*rest):
    a6 = rest[0]
    a6.grad = a6.detach().clone()
    t13 = torch.flatten(a6)
f5(t2)
