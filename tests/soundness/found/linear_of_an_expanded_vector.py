# once: `x`.grad_fn was claimed ViewBackward0, torch has ['AddBackward0']
import torch
import torch.nn as nn
t3 = torch.zeros(3).requires_grad_()
t15 = t3.abs()
d16, = torch.autograd.grad(t15.sum(), t15)

class Net18(nn.Module):

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(3, 3)

    def forward(self, x):
        x = self.layer(x)
net17 = Net18()
net17(d16)
