# once: error backward-without-graph (`t6.sum().backward()` raises: `t6.sum()` does not require grad. On line 5 `.detach()` take): the program ran to its end
import torch.nn as nn
t3 = nn.Parameter()

def gen4(a):
    a = a.detach()
    yield a
t6 = sum(gen4(t3))
t6[:2].copy_(t3)
t6.sum().backward()
