# once: `g21` is claimed to be none, it is ['tensor']
import torch
import torch.nn as nn
import torch.nn.functional as F
t2 = torch.linspace(0, 1, 3)
t3 = nn.Parameter(torch.randn(3))
t4 = torch.tanh(t3)
t5 = t4
t4.uniform_()
t16 = torch.zeros_like(t2, requires_grad=True)
try:
    F.mse_loss(t5, t16).backward()
except Exception:
    g21 = t16.grad
