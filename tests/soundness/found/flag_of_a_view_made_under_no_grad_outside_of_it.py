# once: `g14` is claimed to be none, it is ['tensor']
import torch
t1 = torch.eye(3, requires_grad=True)
with torch.no_grad():
    t4 = t1.view_as(t1)
t4.requires_grad_()
t3 = t4
t3.sum().backward()
g14 = t4.grad
