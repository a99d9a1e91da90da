# once: `t1`.requires_grad was claimed True, torch has 'False'
import torch
t1 = torch.as_tensor(1.0)
t3 = torch.randint(5, ()).float()
[t4, t5] = t1.sort()
try:
    t4.retain_grad()
except RuntimeError:
    gen8
    t3.requires_grad = True
finally:
    t1 = t3
