# once: `t23` was claimed to be none, it is ['']
import torch
t3 = torch.linspace(0, 1, 3)
t5 = torch.stack([t3])
from dataclasses import dataclass, field

@dataclass
class C16:
    w: torch
    last: torch = None

    def __post_init__(self):
        self.last = self.w.detach

class C16Child(C16):

    def __init__(self, w):
        super().__init__(w)
o17 = C16Child(t5)
t23 = o17.last
