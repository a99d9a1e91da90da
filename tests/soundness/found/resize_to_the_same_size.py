# once: error inplace-on-saved (`t3.resize_(3)` overwrites what backward() needs, so it raises. `outer` on line 6 saved `t): the program ran to its end
import torch
import torch.nn as nn
t1 = nn.Parameter()
t3 = torch.empty(3).fill_(1.0)
t8 = t1
t9 = torch.outer(t3, t8)
t3.resize_(3)
t9.sum().backward()
