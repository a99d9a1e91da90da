# once: `t24`.grad_fn was claimed torch::autograd::CopySlices, torch has 'FillBackward3'
import torch
t1 = torch.tensor([])
t3 = torch.full((), 0.5, requires_grad=True)
ds4 = {'a': t1}
t1[:] = t3
t24 = ds4.get('a')
