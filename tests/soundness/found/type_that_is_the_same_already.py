# once: `t1`.is_leaf was claimed False, torch has 'True'
import torch
t1 = torch.full((), 0.5, requires_grad=True)
t1 = t1.type(torch.float)
