# once: `t22`.requires_grad was claimed False, torch has 'True'
import torch
t2 = torch.normal(0.0, 1.0, (3,))
t3 = torch
t5 = [t3, t2][1]
t6 = t5
t12 = t6.narrow(0, 0, 3)
t6.requires_grad_()
t22 = t12
