# once: requires_grad_() of something unknown left a leaf alone that had been handed to it before
import random
import torch
t1 = torch.normal(0.0, 1.0, (3,))
t2 = torch.empty(3)
t3 = torch.linspace(0, 1, 3)

def f4(a5, b6):
    if random.random() < 0.3:
        return f4(b6, a5)
    return a5
t8 = f4(t3, t2)
t3.requires_grad = True
t8.requires_grad_(random.random() < 0.5)
for i28 in t1:
    t29 = i28.dist(t3)
