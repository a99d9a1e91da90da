"""Nothing here asks for gradients, so there is no graph and `backward()` raises."""

import torch

x = torch.tensor([1.0, 2.0, 3.0])
y = x * 2
z = y.sum()
z.backward()
print(x.grad)
