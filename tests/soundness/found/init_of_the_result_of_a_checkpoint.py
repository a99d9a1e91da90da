# once: error inplace-on-saved (`nn.init.normal_(d5)` overwrites what backward() needs, so it raises. `exp` on line 4 save): the program ran to its end
import torch
import torch.nn as nn
t2 = torch.eye(3, requires_grad=True)
d5 = torch.utils.checkpoint.checkpoint(torch.exp, t2)
nn.init.normal_(d5)
d5.sum().backward()
