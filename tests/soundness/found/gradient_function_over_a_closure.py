# once: `g13` was claimed to be none, it is ['tensor']
import torch
import torch.nn as nn
t1 = nn.Parameter()
t3 = torch.as_tensor(1.0)
d10 = torch.func.grad(lambda a: (a * t1).sum())(t3)
d10.sum().backward()
g13 = t1.grad
