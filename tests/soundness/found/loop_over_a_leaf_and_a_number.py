# once: error inplace-on-leaf (`i4 += a6` raises: `i4` is a leaf that requires grad. Autograd cannot record a write to wh): the program ran to its end
import random
import torch
t1 = torch.zeros(3).requires_grad_()
t2 = 3
t3 = torch
for i4 in (t1, t2):

    def f5(a6, b7):
        global i4
        for i8 in range(random.randint(0, 2)):
            i4 += a6
    f5(t1, t3)
