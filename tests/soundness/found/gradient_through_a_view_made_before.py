# once: `g15` was claimed to be none, it is ['tensor']
import torch
t2 = torch.from_numpy(torch.ones(3).numpy())
t4 = t2.unsqueeze(0).squeeze()
n9 = 0
while True:
    n9 += 1
    if n9 > 1:
        break
    t10 = t4
    t10.neg_()
    t2.requires_grad = not t2.requires_grad
t4.sum().backward()
g15 = t2.grad
