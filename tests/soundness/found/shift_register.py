# once: a shift register longer than the turns tried: loops.open_turns stops after SETTLES turns though the state still changes
import random
import torch
z = torch.ones(3, requires_grad=True)
a = b = c = d = e = f = g = h = i = j = k = l = torch.ones(3)
n = 0
while random.random() < 0.95:
    a, b, c, d, e, f, g, h, i, j, k, l = b, c, d, e, f, g, h, i, j, k, l, z
    q = a * 1
r = a * 1
