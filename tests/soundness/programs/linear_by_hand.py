"""Gradient descent by hand: parameters updated in place under no_grad, gradients set to zero."""
import torch


def synthetic(w, b, count):
    x = torch.normal(0, 1, (count, len(w)))
    y = torch.matmul(x, w) + b
    y += torch.normal(0, 0.01, y.shape)
    return x, y.reshape((-1, 1))


def batches(size, features, labels):
    count = len(features)
    order = torch.randperm(count)
    for begin in range(0, count, size):
        rows = order[begin : begin + size]
        yield features[rows], labels[rows]


def linreg(x, w, b):
    return torch.matmul(x, w) + b


def squared_loss(guess, y):
    return (guess - y.reshape(guess.shape)) ** 2 / 2


def sgd(params, lr, size):
    with torch.no_grad():
        for param in params:
            param -= lr * param.grad / size
            param.grad.zero_()


true_w, true_b = torch.tensor([2.0, -3.4]), 4.2
features, labels = synthetic(true_w, true_b, 40)
w = torch.normal(0, 0.01, size=(2, 1), requires_grad=True)
b = torch.zeros(1, requires_grad=True)
momentum = [torch.zeros_like(p) for p in (w, b)]
for epoch in range(3):
    for x, y in batches(10, features, labels):
        loss = squared_loss(linreg(x, w, b), y)
        loss.sum().backward()
        sgd([w, b], 0.03, 10)
    with torch.no_grad():
        train_loss = squared_loss(linreg(features, w, b), labels)

for _ in range(2):
    if w.grad is not None:
        w.grad = None
    b.grad = None
    loss = squared_loss(linreg(features, w, b), labels).mean() + 0.1 * w.norm()
    loss.backward()
    for p, m in zip((w, b), momentum):
        m.mul_(0.9).add_(p.grad)
        p.data.sub_(0.01 * m)
print(f"{float(train_loss.mean()):f}", (true_w - w.detach().reshape(true_w.shape)).abs().max())
