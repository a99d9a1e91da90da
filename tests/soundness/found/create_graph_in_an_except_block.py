# once: `g95`.requires_grad was claimed False, torch has 'True'
import torch
import torch.nn.functional as F
t1 = torch.linspace(0, 1, 3, dtype=torch.double)
t2 = torch.full((3,), 0.5, requires_grad=True)
t3 = torch.eye(3, requires_grad=True)
t4 = t3 / (t3.abs() + 1)

def f44(a, b, seen=[]):
    return sum(seen) * b
t46 = f44(t2, t2)
try:
    t48 *= 2
except Exception:
    t4 = F.cosine_similarity(t1, t4, dim=0) * t46
    (t4 - t4).abs().sum().backward(create_graph=True)
t71 = t3 + t4
[t92, t93] = (lambda a, b: (b, a))(t71, t2)
g95 = t92.grad
