# once: `b18`.grad was claimed set, torch has ['none']
import torch
t2 = torch
t3 = torch.ones(3, requires_grad=True)
t4 = -t3
ds5 = dict(zip('ab', (t4, t2)))
n7 = 0
while True:
    n7 += 1
    if n7 > 1:
        break
    t3.requires_grad_(False)
t9 = ds5['a']
(t3 - t9).abs().sum().backward()

def f16(*rest):
    b18 = rest[-1]
f16(t3)
