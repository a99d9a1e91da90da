# once: `x`.is_leaf was claimed False, torch has 'True'
import torch
import torch.nn as nn
import torch.nn.functional as F
t3 = torch.ones(3, requires_grad=True)

class Net42(nn.Module):

    def forward(self, x):
        x = F.dropout(x, 0.5, self.training)
net41 = Net42()
net41.eval()
net41(t3)
