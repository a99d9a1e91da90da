# once: `self.w`.grad_fn was claimed AsStridedBackward0, torch has ['TBackward1']
import random
import torch
import torch.nn as nn
t3 = torch.full((3,), 0.5)

class Net5(nn.Module):

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(1, 1, 3, padding=1)

    def forward(self, x):
        x = self.conv(x.view(1, 1, 3)).view(3)
        return x
net4 = Net5()
t6 = net4(t3)
while random.random() < 0.7:
    pass
else:
    t6.t_()

class C16:

    def __init__(self, w):
        self.w = w
C16(t6)
