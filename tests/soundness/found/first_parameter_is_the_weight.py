# once: `t14`.requires_grad was claimed True, torch has ['False']
import torch.nn as nn
net12 = nn.Linear(3, 3)
for k, p in net12.named_parameters():
    if 'weight' in k:
        p.requires_grad_(False)
t14 = next(net12.parameters())
