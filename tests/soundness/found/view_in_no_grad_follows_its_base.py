# once: `t12`.requires_grad was claimed False, torch has ['True']
import torch
t2 = torch
torch.set_grad_enabled(False)
t8 = torch.eye(3, requires_grad=True)[0]
t9, t10 = (lambda a, b: (b, a))(t8, t2)
t10.requires_grad = False
t12 = t8.unsqueeze(0).squeeze()
