# once: error backward-twice (`t2.sum().backward()` raises: the step on line 7 carries the graph of the turn before into): the program ran to its end
import random
import torch
t2 = torch.zeros(3).requires_grad_()
t3 = torch
for i4 in [t3, t2]:
    for _ in range(random.randint(1, 3)):
        t2.sum().backward()
    t2 = t2.tanh()
