# What forward saved may be frozen before backward of the Function gets to see it.
import torch

w = torch.ones(3, requires_grad=True)
v = torch.ones(3, requires_grad=True)


class Double(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * 2

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * 2


y = Double.apply(w)
w.requires_grad = False
(y + v).sum().backward()
