# once: `d35`.requires_grad is claimed True, torch has ['False']
import torch
t3 = torch.zeros(3).requires_grad_()
d18 = torch.autograd.functional.jacobian(torch.exp, t3)
t3.requires_grad_()
d35, = torch.autograd.grad((d18 * t3).sum(), t3, create_graph=True)
