# once: a gradient was said to be set on a view made with grad mode off, which collects none
import torch
t4 = torch.zeros(3).requires_grad_()

@torch.inference_mode
def f5(a6, *rest):
    t11 = a6.expand_as(a6)
    return t11
t12 = f5(t4)

def f26(a27: torch, b28: torch):
    b28.sum().backward()
    return t12
t33 = f26(t4, t12)
