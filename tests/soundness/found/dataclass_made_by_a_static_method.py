# once: `self`.dtype was claimed float32, torch has ['float32', 'float64']
import torch
t2 = torch.from_numpy(torch.ones(3).numpy())
t3 = torch.linspace(0, 1, 3, dtype=torch.double)
from dataclasses import dataclass, field

@dataclass
class C4:
    w: torch

    def __post_init__(self):
        self = self.w.detach()

    @staticmethod
    def make(a):
        return C4(a)

class C4Child(C4):
    pass
o5 = C4Child(t3)
o5.make(t2)
