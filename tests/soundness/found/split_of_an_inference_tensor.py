# once: `t32`.requires_grad was claimed True, torch has 'False'
import torch
with torch.inference_mode():
    t25 = torch.full((3,), 0.5, requires_grad=True)
t32 = t25.tensor_split(1)[0]
