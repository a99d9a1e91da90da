# once: error backward-without-graph (`(t4 * t42.detach()).sum().backward()` raises: `(t4 * t42.detach()).sum()` does not requir): the program ran to its end
import torch
import torch.nn as nn
t2 = torch.linspace(0, 1, 3)
t3 = torch.empty(3).fill_(1.0)
t4 = t3.view(3, 1).t()
t3.requires_grad = not t3.requires_grad
ds38 = {k: t2 * 2 for k in 'ab'}
t39 = torch
t42 = ds38.get('a')
if isinstance(t39, nn.Parameter):
    pass
else:
    (t4 * t42.detach()).sum().backward()
