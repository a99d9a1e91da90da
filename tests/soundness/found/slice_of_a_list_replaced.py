# once: `given`.requires_grad was claimed False, torch has ['True']
import torch

given = torch.from_numpy(torch.ones(3).numpy())
kept = list()
kept[:] = [given]
for one in kept:
    one.requires_grad_()
seen = given
others = [torch.ones(2), torch.ones(2)]
others[1:] = [given, seen]
for one in others:
    one.requires_grad_()
last = others[0]
