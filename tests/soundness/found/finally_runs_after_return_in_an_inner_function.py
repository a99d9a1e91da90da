# once: error backward-without-graph (`t3.sum().backward()` raises: `t3.sum()` does not require grad. Nothing it was computed fr): the program ran to its end
import torch
t2 = 0.0
t3 = torch.arange(3.0)

def f25(a26, b27):

    def f31(a, b):
        try:
            return a
        finally:
            b.requires_grad_()
    f31(b27, b27)
f25(t2, t3)
t3.sum().backward()
