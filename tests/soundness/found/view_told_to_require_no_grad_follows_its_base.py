# once: `t12`.requires_grad is claimed False, torch has ['True']
import torch
t2 = torch.tensor(1.0)
t3 = torch.randint(5, ()).float()
t5 = t2.T
t2.requires_grad = not t2.requires_grad
t5.requires_grad_(False)
t11, t12 = torch.broadcast_tensors(t3, t5)
