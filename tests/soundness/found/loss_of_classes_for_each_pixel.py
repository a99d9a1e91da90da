# once: `weighted`.grad_fn was claimed NllLossBackward0, torch has ['NllLoss2DBackward0']
import torch
import torch.nn.functional as F
from torch import nn

conv = nn.Conv2d(1, 2, 1)
weights = torch.ones(2)
images = torch.rand(2, 1, 4, 4)
logits = conv(images)
masks = (images[:, 0] > 0.5).long()
weighted = F.cross_entropy(logits, masks, weight=weights)
summed = F.cross_entropy(logits, masks, reduction="sum")
ignoring = nn.CrossEntropyLoss(ignore_index=1)(logits, masks)
rows = nn.Linear(3, 2)(torch.ones(4, 3))
flat = F.cross_entropy(rows, torch.tensor([0, 1, 1, 0]), weight=weights)
