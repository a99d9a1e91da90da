# A GradScaler that is off hands its loss on as it is; without an accelerator it is always off.
import torch

w = torch.ones(3, requires_grad=True)
off = torch.amp.GradScaler("cpu", enabled=False)
loss = off.scale((w * w).sum())
loss.backward()
default = torch.amp.GradScaler("cuda")
other = default.scale((w + w).sum())
other.backward()
print(w.grad)
