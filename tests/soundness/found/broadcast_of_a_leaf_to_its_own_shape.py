# once: `t4`.is_leaf was claimed False, torch has 'True'
import torch
t1 = torch.ones(3, requires_grad=True)
t2 = torch.tensor(1.0)
t4, t5 = torch.broadcast_tensors(t1, t2)
