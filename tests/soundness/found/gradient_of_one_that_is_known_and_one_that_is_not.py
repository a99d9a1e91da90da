# once: a None was told where one turn reads the gradient of something unknown
import random
import torch
t3 = torch.ones(3, requires_grad=True)
t1 = t3.dist(t3)

def f25(a26, flag):
    if random.random() < 0.3:
        return b27
    return a26
t30 = f25(t3, t1)
t1.backward()
[p.grad for p in (t1, t30)]
