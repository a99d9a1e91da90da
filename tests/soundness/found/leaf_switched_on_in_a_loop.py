# once: error inplace-on-leaf (`t3.add_(1)` raises: `t3` is a leaf that requires grad. Autograd cannot record a write to ): the program ran to its end
import random
import torch
t3 = torch.normal(0.0, 1.0, ())
for i11 in range(random.randint(0, 2)):
    t3.add_(1)
    t3.requires_grad = True
