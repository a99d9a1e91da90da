# once: the gradient by what may be a tensor or a number was taken for that itself
import torch
t1 = torch.from_numpy(torch.ones(3).numpy())
t2 = torch.randn(3)
t3 = torch.rand(3, requires_grad=True)

def gen4(a):
    yield a
t6 = sum(gen4(t1))
d8 = torch.func.grad(lambda a: (a * t3).sum())(t6)
t11 = torch.stack((t2, t2), dim=1)[:, 0]
try:
    t11.add_(d8)
except RuntimeError:
    pass
else:
    t6 = torch.cat((t6, t11))
