# once: error inplace-on-leaf (`b9.sub_(b9.detach())` raises: `b9` is a leaf that requires grad. Autograd cannot record a): the program ran to its end
import random
import torch
import torch.nn as nn
t1 = torch.as_tensor(1.0)
t3 = nn.Parameter()

def f7(a8, *rest):
    b9 = rest[-1]
    if random.random() < 0.3:
        return f7(b9, a8)
    b9.sub_(b9.detach())
t11 = t1
f7(t11, t3)
