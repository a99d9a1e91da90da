# once: `base` was said to be float32 still after `.data` of something that may be it was set
import random
import torch
t1 = torch.linspace(0, 1, 3, dtype=torch.double)
t2 = torch.randn(3)
t3 = torch.normal(0.0, 1.0, (3,))
[t4, t5] = torch.stack([t2, t1]).max(dim=0)

def f8(a9, *rest):
    if random.random() < 0.3:
        return f8(b10, a9)
    return a9
t23 = f8(t3, t4)
t23.data = t5

class C28:
    base = t3
