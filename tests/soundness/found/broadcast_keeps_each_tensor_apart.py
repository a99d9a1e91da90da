# once: `t6`.is_leaf was claimed False, torch has 'True'
import torch
t1 = torch.randn(3)
t3 = torch.rand(3, requires_grad=True)
[t6, t7] = torch.broadcast_tensors(t3, t1)
