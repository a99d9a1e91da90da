# set_default_dtype changes what factories, numbers in lists, and operators on integers give.
import torch

torch.set_default_dtype(torch.double)
a = torch.tensor([1.0, 2.0])
b = torch.full((4,), 1.0)
c = torch.arange(0.0, 3.0)
e = torch.arange(3)
f = e / 2
g = torch.sigmoid(e)
h = torch.tensor([1.0 + 2j])
i = torch.where(e > 1, 1.0, 2.0)
j = torch.tensor([])
k = e * 0.5
l = torch.nn.Linear(2, 2)(torch.ones(2, dtype=torch.float64))
