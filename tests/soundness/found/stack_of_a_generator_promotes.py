# once: `t14`.dtype was claimed float32, torch has 'float64'
import torch
t1 = torch.linspace(0, 1, 3, dtype=torch.double)
t3 = torch.full((3,), 0.5)
match t1:
    case m9:
        t2 = t1.detach().clone()
        gen12 = (k for k in (t2, t3))
        t14 = torch.stack(list(gen12)).sum()
