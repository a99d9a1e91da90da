# once: `t21`.requires_grad was claimed False, torch has ['True']
import torch
t3 = torch.zeros(3).requires_grad_()
t6 = t3.cumsum(0)
t19 = t6
t20 = t19.view(3).t()
with torch.inference_mode():
    t21 = t20.view(3)[0]
