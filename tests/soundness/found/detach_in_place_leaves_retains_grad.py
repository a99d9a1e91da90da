# once: `t15`.retains_grad is claimed False, torch has ['True']
import torch
t1 = torch.ones(3, requires_grad=True)
t3 = 1.0
t3 = t3 + t1
from dataclasses import dataclass, field

@dataclass
class C9:
    w: torch

class C9Child(C9):
    pass
o10 = C9Child(t3)
o10.w.retain_grad()
t3.detach_()
t15 = getattr(o10, 'w')
