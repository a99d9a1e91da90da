# once: `t5`.dtype was claimed float32, torch has 'float64'
import torch
t1 = torch.linspace(0, 1, 3, dtype=torch.double)
t2 = torch.tensor([1.0, 2.0, 3.0])
t5 = torch.stack((t1, t2))
