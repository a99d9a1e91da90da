# once: `t13`.requires_grad was claimed False, torch has 'True'
import torch
t3 = torch.full((3,), 0.5, requires_grad=True)
with torch.inference_mode():
    t13 = t3.view(3)[0]
