# once: warning grad-of-untracked (`p.grad` is None: `p` does not require grad. On line 5 `torch.randint(0, 5, (3,))` makes i): the gradient is there
import torch
import torch.nn as nn
import torch.nn.functional as F
t1 = torch.ones(3, requires_grad=True)
t2 = torch.randint(0, 5, (3,)).float()

def f4(*rest):
    b6 = rest[-1]
    [p.grad for p in (t2, b6)]

class Net14(nn.Module):

    def forward(self, x):
        x = F.relu(x)
        return x
net13 = Net14()
t15 = net13(t1)
t19 = t15.view(-1)
torch.autograd.backward([t19.sum(), t15.sum()])
f4(t15, t1)
