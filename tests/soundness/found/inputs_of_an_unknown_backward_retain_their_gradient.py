# once: `g41` is claimed to be none, it is ['tensor']
import random
import torch
import torch.nn as nn
t2 = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
t3 = torch.linspace(0, 1, 3, dtype=torch.double)
net7 = nn.ReLU(inplace=True)
t8 = net7(t3)

@torch.no_grad()
def f9(a10, *rest):
    if random.random() < 0.3:
        return f9(b11, a10)
    return a10
t18 = f9(t2, t8)

class Net20(nn.Module):

    def __init__(self, width=3):
        super().__init__()
        self.layer = nn.Dropout(0.5)
        self.conv = nn.Conv1d(1, 1, 3, padding=1)

    def forward(self, x):
        x = self.conv(x.view(1, 1, 3)).view(3)
        h = self.layer(x)
        return x
net19 = Net20()
t21 = net19(t18)
t18.sum().backward(inputs=[t21])
(t21 + t2).sum().backward()
g41 = t21.grad
