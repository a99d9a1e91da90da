# once: error backward-without-graph (`b25.sum().backward(retain_graph=True)` raises: `b25.sum()` does not require grad. Nothing): the program ran to its end
import random
import torch
t1 = torch.empty(3).fill_(1.0)
t2 = torch.normal(0.0, 1.0, (3,))
t3 = torch.full((3,), 0.5, requires_grad=True)

def f7(*rest):
    b9 = rest[-1]
    if t3.sum().item() > 1:
        match t3:
            case [_, _]:
                t11 = max(a8.sum(), a8.sum()) * a8

    @torch.inference_mode()
    def f23(a24, b25, *, scale=2.0):
        match random.randint(0, 2):
            case [_, _]:
                pass
            case 0:
                if b25.is_leaf:
                    return torch.atan2(b25, a24)
        b25.sum().backward(retain_graph=True)
    t40 = f23(b9, t3)
t41 = f7(t1, t1)
import functools
f42 = functools.partial(torch.lerp, weight=0.5)
t44 = f42(t1, t3)
try:
    for i55 in torch.stack([t2, t2]):
        t56 = f7(t44, i55)
except Exception:
    pass
