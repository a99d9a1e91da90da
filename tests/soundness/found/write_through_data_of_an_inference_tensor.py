# once: error inference-tensor-changed (`t50.data.add_(1)` raises: `t50.data` was made in inference mode. Outside of it such a ten): the program ran to its end
import torch
import torch.nn as nn
import torch.nn.functional as F
t2 = nn.Parameter(torch.randn(3))
t3 = torch.arange(3.0)

class Net22(nn.Module):

    def forward(self, x):
        return x
net21 = Net22()
t25 = net21(t2)
with torch.inference_mode():

    def f46(a47, b48=None):
        t49 = F.layer_norm(a47, (3,))
        return t49 * a47
    t50 = f46(t25, t3)
t50.data.add_(1)
