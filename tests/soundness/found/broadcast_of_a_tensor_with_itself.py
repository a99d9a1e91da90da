# once: `t11`.is_leaf was claimed False, torch has 'True'
import torch
t2 = torch.tensor(1.0, requires_grad=True)
t11, t12 = torch.broadcast_tensors(t2, t2)
