# once: `g14` is claimed to be none, it is ['none', 'tensor']
import random
import torch

t1 = torch.eye(3, requires_grad=True)
with torch.no_grad():
    t4 = t1.view_as(t1)
t4.requires_grad_(random.random() < 0.5)
t4.sum().backward()
g14 = t4.grad
