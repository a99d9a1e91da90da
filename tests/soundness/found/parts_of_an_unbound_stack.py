# once: `t18`.requires_grad was claimed True, torch has ['False']
import torch
t1 = torch.tensor(1.0)
t2 = torch.randint
t4 = t1
t5, t6 = torch.stack([t4, t1]).unbind()

def f11(a, b):
    try:
        pass
    finally:
        b.requires_grad_()
f11(t2, t5)
t18 = t6
