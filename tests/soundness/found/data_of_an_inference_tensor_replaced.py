# once: error inference-tensor-changed (`b.requires_grad_()` raises): the program ran to its end
import torch

given = torch.randn(3)
with torch.inference_mode():
    made = given * 2
made.data = torch.ones(3)


def switch(b):
    b.requires_grad_()


switch(made)
with torch.inference_mode():
    inside = given * 3
plain = torch.zeros(3)
plain.data = inside
weight = torch.ones(3, requires_grad=True)
weight.data = inside
squares = weight * weight
total = squares.sum()
