# Each turn of a DataLoader gives new tensors, which no backward of the turn before has filled.

import torch
from torch.utils.data import DataLoader, Dataset, IterableDataset, TensorDataset


class Squares(Dataset):
    def __len__(self):
        return 4

    def __getitem__(self, index):
        return {"x": torch.tensor([float(index)]), "label": index, "weight": 0.5, "name": "a"}


class Stream(IterableDataset):
    def __iter__(self):
        for number in range(4):
            yield torch.ones(2) * number, [number, float(number)]


for x, y in DataLoader(TensorDataset(torch.ones(8, 2), torch.ones(8)), batch_size=2):
    x.requires_grad_(True)
    before = x.grad
    (x * 2).sum().backward()
    after = x.grad

for step, batch in enumerate(DataLoader(Squares(), batch_size=2)):
    x, label, weight, name = batch["x"], batch["label"], batch["weight"], batch["name"]
    product = x * weight * label

for x, (whole, real) in DataLoader(Stream(), batch_size=2):
    mixed = x.sum() + whole.sum() + real.sum()

first = next(iter(DataLoader(Squares(), batch_size=2)))
taken = first["x"]
pairs = [batch["x"].requires_grad_() for batch in DataLoader(Squares())]
for one in DataLoader([torch.ones(2), torch.zeros(2)], batch_size=2):
    scaled = one * 2
