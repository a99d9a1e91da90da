# once: `t15`.is_leaf was claimed False, torch has 'True'
import torch
t3 = torch.tensor([], requires_grad=True)
t15 = t3.flatten()
