# once: `t5`.requires_grad was claimed False, torch has ['True']
import torch
t3 = torch.eye(3, requires_grad=True)
with torch.inference_mode():
    t5 = t3.unfold(0, 3, 1)[0]
