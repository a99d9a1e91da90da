# once: `a`.grad was claimed none, torch has what was set between apply and backward
import torch
t3 = 0.0

class Net5:
    pass
net4 = Net5
t8 = net4
t16 = torch.rand(3, requires_grad=True) * 1.5

class Fn17(torch.autograd.Function):

    @staticmethod
    def forward(ctx, a):
        ctx.save_for_backward(a)
        return a * 2

    @staticmethod
    def backward(ctx, g):
        a, = ctx.saved_tensors
        return g * 2
t18 = Fn17.apply(t16)

def f19(a20: torch.Tensor, b21: torch.Tensor):
    a20.grad = a20.detach()
f19(t16, t8)
t27 = t16
(t27 + t18).sum().backward()
