# once: `t28`.grad_fn was claimed DotBackward0, torch has 'SqueezeBackward4'
import torch
import torch.nn as nn
t1 = torch.rand(3, requires_grad=True) * 1.5
t2 = torch.randn(3)
t3 = torch.linspace(0, 1, 3, dtype=torch.double)

class Net6(nn.Module):

    def forward(self, x):
        return x
net5 = Net6()
t7 = net5(t1)
for i9 in (t3, t2):
    for i10 in range(2):
        with torch.no_grad(), torch.enable_grad():
            i9.tanh_()
            t3.data = t7.data
            flag11 = t1.requires_grad
t12, t13 = [t3, t1.detach()]

def f15(a16, /, b17, **kw):
    return a16
t20 = f15(t7, t3)
t21, t22 = (lambda a, b: (b, a))(t12, t2)
t28 = t20 @ torch.outer(t22, t21)
