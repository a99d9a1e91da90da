# once: `x`.requires_grad was claimed True, torch has 'False'
import torch
import torch.nn as nn
t2 = torch.from_numpy(torch.ones(3).numpy())

class Net5(nn.Module):

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(3, 3)
        self.layers = nn.ModuleList([nn.Linear(3, 3)])
        self.conv = nn.Conv1d(1, 1, 3)
        self.rnn = nn.GRU(3, 3)

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
net4 = Net5()
for p in net4.parameters():
    p.requires_grad = False
net4(t2)
