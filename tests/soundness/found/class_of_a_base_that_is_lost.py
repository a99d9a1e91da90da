# once: `net65` was claimed to be object, it is ['module']
import torch
import torch.nn as nn
t3 = torch.ones(3, requires_grad=True)
ls5 = [a * 2 for a in (t3, t3)]
t6 = t3.clone()
try:
    try:

        class Net31(nn.Module):

            def __init__(self, width=3):
                super().__init__()

            def forward(self, x):
                x = x + self.scale
                x = self.conv(x.view(1, 1, 3)).view(3)
                x = x * self.scale
                return x
        net30 = Net31()
        net30(t6).sum().backward()
    except Exception:
        t43 = (lambda *a: a[0])(*ls5)
except (ValueError, RuntimeError):
    for i52 in torch.stack([t1, t2]):
        n53 = 0
        while n53 < 3 and random.random() < 0.7:
            n53 += 1
            t54 = torch.atleast_2d(t6)[0]
        t3 = t3 * 0.5

class Net66(nn.Module):
    pass
net65 = Net66()
