# once: `p`.grad was claimed none, torch has 'set'
import torch
import torch.nn as nn

class Net6(nn.Module):

    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm1d(3)
        self.conv = nn.Conv1d(1, 1, 3)
        self.rnn = nn.GRU(3, 3)
        self.emb = nn.Embedding(2, 3)
        self.weights = nn.ParameterList([nn.Parameter(torch.ones(3))])
net5 = Net6()
loss10 = sum((p.pow(2).sum() for p in net5.parameters()))
loss10.backward()
for p in net5.parameters():
    pass
