# once: `t39`.grad is claimed set, torch has ['none', 'set']
import random
import torch
import torch.nn as nn
t1 = nn.Parameter(torch.randn(3))
t2 = torch
t3 = torch.eye(3, requires_grad=True)
ds4 = dict([('a', t3), ('b', t1)])
t5 = ds4[random.choice('ab')]
t7, t8 = torch.stack([t1, t1])

def f9(a10: torch.Tensor, b11: torch.Tensor):

    def f12(a13, /, b14, **kw):
        t15 = ds4[random.choice('ab')]
        return t15 * a13
    t16 = f12(a10, a10)
    return t16 * a10
t18 = f9(t5, t2)
t19 = torch.min(t7, t18)

def f21(a22, /, b23, **kw):
    t24 = ds4[random.choice('ab')]
    b23.sum().backward(inputs=[t24])
t38 = f21(t7, t19)
t39 = {**ds4}['b']
