# once: `base`.requires_grad is claimed True, torch has ['False']
import torch
t1 = torch.randn(3)
t4 = torch.from_numpy(torch.ones(3).numpy())

def f5(a6, b7):

    def f8(a9, b10, flag=True):
        t12 = torch.zeros_like(a6, requires_grad=True)
        return torch.einsum('i,i->i', a9, t12)
    t13 = f8(b7, b7)
    return t13
t14 = f5(t4, t1)
try:
    t14 = 2
except ValueError:
    pass
t1[:] = t14

class C27:
    base = t1
