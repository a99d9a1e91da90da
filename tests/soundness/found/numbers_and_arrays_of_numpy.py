# What numpy computes of plain numbers is a float64, or an integer: no float of Python's.
import numpy as np
import torch

root = torch.tensor(np.sqrt(2.0))
scaled = torch.tensor([np.exp(-1.0) * 2, 1.0])
whole = torch.tensor(np.int64(3))
item = torch.tensor(np.arange(3).item(1))
single = np.arange(3).max()
single += 1.5
grown = torch.tensor(single)
masked = torch.tensor(np.exp(True))
for number in np.arange(2):
    each = torch.tensor(number)
product = torch.ones(2, requires_grad=True) * np.sqrt(2.0) / np.float64(3) + np.pi
