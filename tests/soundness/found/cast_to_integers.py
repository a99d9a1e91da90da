# What requires grad and is cast to integers is in no graph, whatever its dtype was.
import torch

magnitudes = {name: torch.tensor(0.6, requires_grad=True) for name in ("contrast", "posterize")}


def posterize(image, magnitude):
    shift = ((1 - magnitude) * 8).long()
    levels = torch.pow(2, 8 - shift)
    return image * levels


for name, magnitude in magnitudes.items():
    image = posterize(torch.ones(3), magnitude.clamp(0, 1))
    rounded = magnitude.int().float()
    whole = magnitude.to(torch.int64)
    sign = magnitude.bool()
