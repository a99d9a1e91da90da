# once: `t16`.requires_grad is claimed True, torch has ['False']
import torch
import torch.nn as nn

torch.set_grad_enabled(False)
net5 = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 3))
t7 = net5(torch.ones(3))
t7.requires_grad_()
t16 = t7[::2]
