# once: `ds18`.grad_fn was claimed SelectBackward0, torch has ['AsStridedBackward0']
import random
import torch
t1 = torch.randint(0, 5, (3,)).float
t2 = torch.eye(3, requires_grad=True)[0]
t3 = torch
for i4 in range(random.randint(0, 2)):
    t1 = t2.type(torch.float)
t16 = t1
t17 = t16.detach()
t17 /= 2
ds18 = t2
