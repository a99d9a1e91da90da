# once: a gradient by what the function leaves out was said to be an inference tensor
import torch
t1 = torch.from_numpy(torch.ones(3).numpy())
t2 = torch.zeros(3).requires_grad_()
t4 = t2
t5 = t1.sort().values
t7 = t5.abs()
with torch.inference_mode():
    d8 = torch.func.grad(lambda a: t7.sum())(t4)
d8[:] = t4
