# type() takes the older names of dtypes, as classes and as text, also out of a variable.
import torch

dtype = torch.DoubleTensor
a = torch.zeros(3).type(dtype)
b = torch.zeros(3).type("torch.IntTensor")
c = torch.zeros(3, requires_grad=True).type(dtype)
d = torch.zeros(3, requires_grad=True).type(torch.LongTensor)
