# once: error inplace-on-leaf (`a32 /= 2` raises: `a32` is a leaf that requires grad. Autograd cannot record a write to w): the program ran to its end
import random
import torch
t1 = torch.tensor(1.0, requires_grad=True)

def f28(*rest):
    a29 = 0
    b30 = rest[-1]
    if random.random() < 0.3:
        return f28(a29)

    def f31(*rest):
        a32 = rest[0]
        a32 /= 2
    f31(b30)
f28(t1)
