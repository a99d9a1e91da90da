# to() takes a dtype, a device or a tensor; what a variable holds may be any of them.
import os

import torch


def chosen():
    return [torch.int64, torch.float64][len(os.environ) * 0]


a = torch.ones(3, requires_grad=True)
b = a.to(chosen())
c = torch.zeros(3).to(torch.device("cpu"))
d = torch.zeros(3).to(torch.zeros(2, dtype=torch.float64))
e = torch.zeros(3).type_as(torch.zeros(2, dtype=torch.int32))
f = torch.zeros(3).to(float)
