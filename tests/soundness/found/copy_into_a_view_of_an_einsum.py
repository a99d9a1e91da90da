# once: error inplace-on-leaf (`t15.copy_(t15)` raises: `t15` is a view of a leaf that requires grad. Autograd cannot rec): the program ran to its end
import torch
import torch.nn as nn
t1 = torch.ones(3)
t2 = nn.Parameter(torch.randn(3))
t4 = torch.einsum('i,i->i', t2, t1)
t15 = t4[:]
t15.copy_(t15)
