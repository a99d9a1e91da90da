# once: `g77` is claimed to be none, it is ['tensor']
import random
import torch
t2 = 1.0
t3 = torch.full((3,), 0.5, requires_grad=True)

def f38(*rest):
    if random.random() < 0.3:
        return f38(b40, a39)
    a39 = torch.arange(3.0)
    t44 = t3.sort()[0]
    return t44 * a39
t45 = f38()
t54 = t2
(t45 + t54).sum().backward()
g77 = t3.grad
