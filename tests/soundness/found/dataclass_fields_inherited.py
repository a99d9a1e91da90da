# once: `t35` is claimed to be none, it is ['']
import torch
t1 = torch
from dataclasses import dataclass, field

@dataclass
class C20:
    last: torch = None

class C20Child(C20):
    pass
o21 = C20Child(t1)
t35 = o21.last
