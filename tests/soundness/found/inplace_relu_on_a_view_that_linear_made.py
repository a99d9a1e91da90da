# once: `t29`.grad_fn was claimed ReluBackward0, torch has 'AsStridedBackward0'
import torch
import torch.nn as nn
t3 = torch.randint(5, (3,)).float()
net28 = nn.Sequential(nn.Linear(3, 3), nn.ReLU(inplace=True))
t29 = net28(t3)
