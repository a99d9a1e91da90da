# once: `c25`.grad was claimed none, torch has ['none', 'set']
import random
import torch
t1 = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
t2 = torch.zeros(3).requires_grad_()
if t2.grad:
    pass
else:
    t3 = t1.dist(t1) + t1
for i14 in range(random.randint(0, 2)):
    pass

class C16:

    def __init__(self, w):
        self.w = w
o17 = C16(t3)
o17.w.retain_grad()
if random.random() < 0.5:
    pass
ls20 = list((t1, t3))
t21 = random.choice(ls20)
(t21 + t21).pow(2).mean().backward()

def f24(a, b):
    c25 = a.detach() if random.random() < 0.5 else a
t26 = f24(t3, t2)
