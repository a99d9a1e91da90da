# once: the write was said to raise for the call of a handler, while the call of the body went through
import torch
t2 = torch.full((3,), 0.5)
t3 = torch.ones(3, requires_grad=True)
t1 = t2.sum() * t2

def f20(a21, b22):
    a21.index_add_(0, torch.arange(3), b22)
try:
    f20(t1, t2)
except RuntimeError:
    t27, = torch.stack([t3])
    f20(t27)
