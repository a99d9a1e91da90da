# Of a name that stands twice in one target, the last one is what it is afterwards.
import torch

loader = [(torch.randn(4), torch.randn(4)) for _ in range(3)]
for _, (x, _) in zip(range(2), loader):
    pass
_, (y, _) = 1, (2, torch.ones(3))
