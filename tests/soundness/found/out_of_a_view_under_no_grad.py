# A result written into a view by out= counts as a write: the view finds its grad_fn anew.
import torch

t1 = torch.eye(3, requires_grad=True)[0]
with torch.no_grad():
    torch.add(t1, 3.0, out=t1)
t2 = t1
w = torch.ones(3, requires_grad=True)
b = torch.ones(3)
y = w * b
torch.add(torch.ones(3), 1, out=b)
z = b
