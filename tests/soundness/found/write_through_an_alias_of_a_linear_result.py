# once: the grad_fn kept its name after a write through a detached alias; the result of a linear layer may be a view
import torch
import torch.nn as nn
t2 = torch.ones(3)
net6 = nn.Linear(3, 3)
t11 = net6(t2)
t30 = t11.detach()
t30 *= 2
for g31 in (t11,):
    pass
