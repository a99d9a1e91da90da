# once: `i21`.requires_grad was claimed False, torch has ['False', 'True']
import random
import torch
t1 = torch
t2 = torch.linspace(0, 1, 3)
t10 = t1
if False:
    pass
else:
    t3 = [t10, t2][1]
for i21 in t3:
    if random.choice([False]):
        pass
    else:
        t2.requires_grad_(random.random() < 0.5)
