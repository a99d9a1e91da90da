# once: error backward-twice (`t3.sum().backward()` raises: the step on line 6 carries the graph of the turn before into): the program ran to its end
import torch
t2 = torch.rand(3)
t3 = torch.full((3,), 0.5, requires_grad=True)
for i4 in torch.stack([t2, t3]):
    t3.sum().backward()
    t3 = t3 * t2
