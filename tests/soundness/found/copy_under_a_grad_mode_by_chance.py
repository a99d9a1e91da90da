# once: `t1`.is_leaf was claimed True, torch has ['False']
import random
import torch
t1 = torch.zeros(3).requires_grad_()
t2 = torch.linspace(0, 1, 3)
t4 = t2.new_ones(3)
ds5 = {'b': t4}
for i6 in t2:
    with torch.set_grad_enabled(random.random() < 0.5):
        t4[2].copy_(t1[2])
else:
    t1 = ds5['b']
