# once: `i36`.requires_grad was claimed True, torch has 'False', 'True'
import torch
t1 = torch.normal(0.0, 1.0, (3,))
t2 = torch.rand(3, requires_grad=True)
t3 = torch.full((3,), 0.5, requires_grad=True)
[t33, t34] = t1.sort()
n35 = 0
while True:
    n35 += 1
    if n35 > 1:
        break
    t34[:] = t3
for i36 in (t2, t34):
    pass
