# once: `t15`.grad_fn was claimed ViewBackward0, torch has 'SqueezeBackward4'
import torch
import torch.nn as nn
t2 = torch.empty(3).fill_(1.0)
net14 = nn.Linear(3, 3, bias=False)
t15 = net14(t2)
