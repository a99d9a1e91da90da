# once: `g60` was claimed to be none, it is ['tensor']
import torch
t3 = torch.full((), 0.5, requires_grad=True)
t4 = torch.tanh(t3)

class C49:

    def __init__(self, w):
        self.w = w
o50 = C49(t4)
o50.w.retain_grad()

def f54(a, b, depth=2):
    if depth == 0:
        return a
    c55 = a
    return f54(c55, b, depth - 1)
t56 = f54(t4, t4)
(t56 + t56).sum().backward()
g60 = t4.grad
