# once: `g30`.grad_fn was claimed FillBackward2, torch has 'MulBackward0'
import torch
t1 = torch
t2 = torch.rand(3, requires_grad=True) * 1.5
t3 = torch
t22 = t1
with torch.inference_mode():
    with torch.set_grad_enabled(True):
        t2.fill_(0.5)

def f26(a27, b28):
    g30 = t2
f26(t22, t3)
