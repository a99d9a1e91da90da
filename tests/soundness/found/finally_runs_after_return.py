# once: error backward-without-graph (`t2.sum().backward()` raises: `t2.sum()` does not require grad. Nothing it was computed fr): the program ran to its end
import torch
t2 = torch.tensor(1.0)

def f5(a, b):
    try:
        return a
    finally:
        b.requires_grad_()
t7 = 0.0
f5(t7, t2)
t2.sum().backward()
