# once: what backward gets back of forward's own result was said to be a leaf
import torch


class Squash(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        s = torch.sigmoid(x)
        ctx.save_for_backward(s)
        return s

    @staticmethod
    def backward(ctx, g):
        (s,) = ctx.saved_tensors
        return g * s * (1 - s)


x = torch.ones(3, requires_grad=True)
Squash.apply(x).sum().backward()
