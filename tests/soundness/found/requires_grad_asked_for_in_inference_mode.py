# once: `t3`.requires_grad was claimed True, torch has 'False'
import torch
with torch.inference_mode():
    t3 = torch.eye(3, requires_grad=True)[0]
