# once: `self.w`.is_leaf was claimed True, torch has ['False']
import torch
import torch.nn as nn
t3 = torch.randn(3)
net9 = nn.Linear(3, 4)
t12 = net9(t3)

class C13Child:
    pass
o14 = C13Child
o14.extra = t12
t16 = o14.extra
with torch.inference_mode():
    t16.detach_().requires_grad_()

    class C25:

        def __init__(self, w):
            self.w = w
    o26 = C25(t16)
