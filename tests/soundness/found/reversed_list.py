# once: `t27`.requires_grad was claimed False, torch has 'True'
import torch
t2 = torch.from_numpy(torch.ones(3).numpy())
t3 = torch.empty(3).fill_(1.0)

def f11():
    pass
t17 = f11
t3.requires_grad_()
ls20 = list(reversed([t2, t3]))

def f24(*rest):
    t27 = ls20[0]
f24(t17, t3)
