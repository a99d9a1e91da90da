# once: `out`.grad_fn was claimed ViewBackward0, torch has ['AddmmBackward0']
import torch
import torch.nn as nn

first, second = torch.stack([torch.randn(3), torch.ones(3)]).tensor_split(2)
layer = nn.Linear(3, 3)
again = torch.tensor(second.tolist())
out = layer(again)
one = torch.tensor(torch.randn(3).tolist())
flat = layer(one)
whole = torch.tensor(torch.ones(2, 2, dtype=torch.int64).tolist())
truths = torch.tensor((torch.ones(2) > 0).tolist())
single = torch.tensor(torch.tensor(2).tolist())
