# once: `d6`.requires_grad was claimed True, torch has ['False']
import torch
with torch.inference_mode():
    ls7 = [torch.ones(3, requires_grad=True) for _ in range(2)]
d6 = torch.stack(ls7)
