# once: error inplace-on-leaf (`b18 **= 2` raises: `b18` is a leaf that requires grad. Autograd cannot record a write to ): the program ran to its end
import random
import torch
t1 = torch.randn(3)
t2 = 0.0
t3 = torch.zeros(3).requires_grad_()

def f4(a, b):
    return a * b
t6 = f4(t2, t2)
try:
    t1.sum().backward()
except (ValueError, RuntimeError):

    def f16(*rest):
        a17 = rest[0]
        b18 = rest[-1]
        if random.random() < 0.3:
            return f16(b18, a17)
        b18 **= 2
    t23 = f16(t3, t6)
