# A batch of a TensorDataset has a row of the tensor for each item: of a flat one a single number.

import torch
from torch.utils.data import DataLoader, TensorDataset

w = torch.ones(1, requires_grad=True)
rows = TensorDataset(torch.rand(4), torch.rand(4, 3))
for flat, deep in DataLoader(rows, batch_size=1):
    (w * flat).backward()
    loss = (w * deep).sum()
    loss.backward()

graph = TensorDataset(w * torch.rand(4), torch.rand(4))
for code, flat in DataLoader(graph, batch_size=2):
    loss = (code * flat).sum()
    loss.backward(retain_graph=True)

for code, flat in DataLoader(graph, batch_size=None):
    loss = code * flat
    loss.backward(retain_graph=True)
