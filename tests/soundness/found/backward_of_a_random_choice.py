# once: `t12`.grad was claimed none, torch has 'set'
import random
import torch
t1 = torch
t2 = torch.ones(3, requires_grad=True)
ls5 = [t2]
t6 = random.choice(ls5)
t6.backward(gradient=t2.detach())

def f8(a9, /, b10, **kw):
    t12 = (b10, b10)[1]
f8(t1, t2)
