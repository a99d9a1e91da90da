# once: error inplace-on-saved (`t5 += 1` overwrites what backward() needs, so it raises. `Softmax` on line 5 saved its re): the program ran to its end
import torch
import torch.nn as nn
t1 = torch.tensor(1.0, requires_grad=True)
net4 = nn.Softmax()
t5 = net4(t1)
t5 += 1
torch.autograd.grad(t5.exp().sum(), t5)
