# once: a view was renamed by a write that may have gone to another tensor
import random
import torch
t1 = torch.zeros(3).requires_grad_()
t2 = torch.randn(3)
t3 = torch.eye(3, requires_grad=True)[0]
ds5 = {'a': t2, **{'b': t3}}
match t2:
    case torch.Tensor():
        t4 = ds5[random.choice('ab')]
t2[:2].copy_(t1[:2])
t22 = t4[...]
t22 -= 1

def f26(*rest):
    b28 = rest[-1]
f26(t2, t3)
