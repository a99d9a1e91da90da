# once: `base`.retains_grad was claimed False, torch has ['True']
import random
import torch
t1 = torch
t2 = torch.rand(3, requires_grad=True) * 1.5

def f6(b8, flag):
    if random.random() < 0.3:
        return f6(b8, a7)
    t16 = t2
    return t16
t17 = f6(t2, t1)
t1 = [t1, t17][1]
t1.retain_grad()

class C33:
    base = t2
