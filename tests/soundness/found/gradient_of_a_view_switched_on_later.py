# once: error autograd-grad-untracked (autograd.grad raises: `t4` does not require grad. On line 2 `torch.linspace(0, 1, 3)` make): the program ran to its end
import torch
t1 = torch.linspace(0, 1, 3)
t4 = t1.unfold(0, 3, 1)

def f7(a8, /, b9, **kw):
    try:
        pass
    finally:
        t1.requires_grad_()
    return a8
t26 = f7(t1, t1)
torch.autograd.grad(t26.sum(), t4, allow_unused=True)
