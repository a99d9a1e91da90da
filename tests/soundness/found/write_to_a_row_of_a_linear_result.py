# once: `t18`.grad_fn was claimed torch::autograd::CopySlices, torch has ['AsStridedBackward0']
import torch
import torch.nn as nn
t1 = torch.ones(3)
net5 = nn.Linear(3, 4)
t8 = net5(t1)
t8[0] = 1.0
t18 = t8
