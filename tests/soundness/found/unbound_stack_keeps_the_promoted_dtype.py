# once: `t5`.dtype was claimed float32, torch has 'float64'
import torch
t1 = torch.tensor([1.0, 2.0, 3.0])
t3 = torch.linspace(0, 1, 3, dtype=torch.double)
t5, t6 = torch.stack([t3, t1]).unbind()
