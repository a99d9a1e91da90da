# once: error inplace-on-view (`t8[:] = t8` raises: `t8[:]` is one of several views that one operation gave. Autograd can): the program ran to its end
import torch
t3 = torch.linspace(0, 1, 3)
t8, t9 = torch.cat([t3, t3]).split(3)
t9.requires_grad = not t9.requires_grad
t8[:] = t8
