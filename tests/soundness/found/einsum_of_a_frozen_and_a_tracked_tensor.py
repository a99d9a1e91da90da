# once: `t9`.requires_grad was claimed False, torch has 'True'
import torch
t1 = torch.eye(3, requires_grad=True)[0]
t3 = torch.zeros(3).requires_grad_()
t3.requires_grad = not t3.requires_grad
t9 = torch.einsum('i,i->i', t3, t1)
