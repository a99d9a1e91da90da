# once: error inplace-on-saved (`d4 += 1` overwrites what backward() needs, so it raises. `exp` on line 3 saved its result): the program ran to its end
import torch
t1 = torch.ones(3, requires_grad=True)
d4 = torch.utils.checkpoint.checkpoint(torch.exp, t1)
d4 += 1
d4.sum().backward()
