# once: `g14` was claimed to be none, it is ['tensor']
import torch
t3 = torch.eye(3, requires_grad=True)[0]
t3.retain_grad()
torch.autograd.grad(t3.sum(), t3)
g14 = t3.grad
