# once: `t23`.requires_grad was claimed True, torch has ['False']
import torch
import torch.nn as nn
t2 = torch.from_numpy(torch.ones(3).numpy())
ls5 = [a for a in (t2,)]
t8 = (lambda *a: a[0])(*ls5)
with torch.inference_mode():
    net20 = nn.Linear(3, 3, bias=False)
t23 = net20(t8)
