# once: `t29`.requires_grad was claimed True, torch has 'False', 'True'
import torch
import torch.nn as nn
t1 = torch.linspace(0, 1, 3, dtype=torch.double)
t2 = nn.Parameter(torch.randn(3))
t3 = torch
t1 = t1.detach().requires_grad_()
t27 = t1.masked_fill(t1 > 1, 0.0)
while 3:
    t29 = (t3, t2)[-1]
    t30 = t27.view(-1)

    def f31(a, b):
        try:
            return a * 2
        finally:
            b.requires_grad_(a.is_leaf)
    t33 = f31(t30, t29)
