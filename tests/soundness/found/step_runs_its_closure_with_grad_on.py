# once: `loss22`.requires_grad was claimed False, torch has 'True'
import torch
import torch.nn as nn
t1 = torch.tensor([1.0, 2.0, 3.0])
torch.set_grad_enabled(False)
net20 = nn.Linear(3, 3)
opt21 = torch.optim.SGD(net20.parameters())

def closure():
    loss22 = net20(t1).sum()
opt21.step(closure)
