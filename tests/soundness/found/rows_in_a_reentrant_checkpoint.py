# once: `h`.requires_grad is claimed True, torch has ['False'], in what a reentrant checkpoint runs with grad mode off
import torch
from torch.utils.checkpoint import checkpoint

w = torch.ones(3, requires_grad=True)


def block(x):
    h = x * w
    return h.sum()


x = torch.ones(3, requires_grad=True)
checkpoint(block, x, use_reentrant=True)
y = checkpoint(block, x.detach(), use_reentrant=True)
