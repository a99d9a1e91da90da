# once: error inplace-on-leaf (`b6[b6 > 0] = 0.0` raises: `b6[b6 > 0]` is a view of a leaf that requires grad. Autograd c): the program ran to its end
import random
import torch
t1 = torch.normal(0.0, 1.0, ())
t3 = torch.eye(3, requires_grad=True)

def f4(a5: torch, b6: torch):
    if random.random() < 0.3:
        return f4(b6, a5)
    b6[b6 > 0] = 0.0
f4(t3, t1)
