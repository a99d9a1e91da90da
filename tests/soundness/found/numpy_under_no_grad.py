# once: `t22`.requires_grad was claimed False, torch has ['True']
import torch
import torch.nn as nn
t1 = nn.Parameter(torch.randn(3))
t2 = torch.zeros(3).requires_grad_()
t3 = 3.0
with torch.set_grad_enabled(False):
    try:
        t2.numpy()
    except ValueError:
        t1 = t3.index_copy
t20 = t2
t22 = (t1 * t20).detach() + t1
