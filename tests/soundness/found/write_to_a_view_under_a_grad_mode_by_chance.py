# once: `t18`.grad_fn was claimed MulBackward0, torch has ['MulBackward0', 'torch::autograd::CopySlices']
import random
import torch
t3 = torch.rand(3, requires_grad=True) * 1.5

def f4(*rest):
    b6 = rest[-1]

    def f7(*rest):
        pass
    t13 = f7
    with torch.set_grad_enabled(random.random() < 0.5):

        def f14(a15, /, b16, **kw):
            a15[0].add_(1)
            return a15
        t18 = f14(b6, t13)
f4(t3)
