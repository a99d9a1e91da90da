# once: error backward-twice (`torch.autograd.backward([t5.sum(), t5.s…` raises: the step on line 5 carries the graph of): the program ran to its end
import torch
t2 = torch.rand(3, requires_grad=True) * 1.5
t4 = 2
t5, t6 = (lambda a, b: (b, a))(t4, t2)
torch.autograd.backward([t5.sum(), t5.sum()])
