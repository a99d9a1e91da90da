# once: `a6`.requires_grad is claimed True, torch has ['False']
import torch

t1 = torch.ones(3, requires_grad=True)
t3 = torch.empty(3).fill_(1.0)


def f5(a6, b7):
    ls8 = list(torch.stack([a6, a6]))
    match b7:
        case 'a':
            ls8.append(b7)
    a6 = torch.cat(ls8)[:3]


f5(t3, t1)
