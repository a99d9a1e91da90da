# once: error inference-tensor-changed (`torch.addcmul(t5, t5, t8)` raises: a tensor made in inference mode goes into it, and back): the program ran to its end
import torch
t1 = torch.ones(3, requires_grad=True)
with torch.inference_mode():
    t5 = t1.expand_as(t1)
    t8 = t1.relu()
torch.addcmul(t5, t5, t8)
