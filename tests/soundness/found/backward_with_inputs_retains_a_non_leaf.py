# once: `t18`.retains_grad was claimed False, torch has 'True'
import torch
t1 = 3
t2 = torch.full((3,), 0.5, requires_grad=True)
t3 = torch

class C6:

    def __init__(self, w):
        self.w = w

    def scale(self, a):
        return a * self.w
o7 = C6(t1)
t8 = o7.scale(t2)
t2.sum().backward(inputs=[t8])

def f12(a13, b14=None):
    return a13
t18 = f12(t8, t3)
