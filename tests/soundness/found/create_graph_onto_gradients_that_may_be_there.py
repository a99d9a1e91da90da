# once: `g26`.requires_grad was claimed False, torch has ['True']
import random
import torch
t2 = torch.zeros(3).requires_grad_()
for _ in range(random.randint(1, 3)):
    t2.sum().backward()
t2.abs().sum().backward(create_graph=True)
g26 = t2.grad
