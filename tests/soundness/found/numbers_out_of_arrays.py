# What numpy gives of an array may be a number, a row, or an array.
import numpy as np
import torch

a = np.zeros(3)
first = a[0]
for row in np.zeros((2, 3)):
    part = row
for one in a:
    number = one
total = a.sum()
product = a @ a
roots = np.sqrt(a)
mask = a > 0.5
rest = a[~mask]
t = torch.from_numpy((a > 1).astype("float32"))
