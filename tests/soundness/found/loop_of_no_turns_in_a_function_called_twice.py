# once: error inplace-on-leaf (`torch.relu_(b13)` raises: `b13` is a leaf that requires grad. Autograd cannot record a wr): the program ran to its end
import random
import torch
t3 = torch.tensor(1.0, requires_grad=True)

def f6(a7, b8):
    for i9 in range(random.randint(0, 2)):

        def f11(*rest):
            b13 = rest[-1]
            torch.relu_(b13)
        f11(b8)
    return a7
t20 = f6(t3, t3)
t42 = t20.sort().values
f6(t20, t42)
