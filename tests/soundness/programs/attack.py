"""Projected gradient descent on the input, with the leaf made anew in every step."""
import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 4, 3, padding=1)
        self.conv2 = nn.Conv2d(4, 4, 3, padding=1)
        self.pool = nn.MaxPool2d(2)
        self.fc = nn.Linear(4 * 4 * 4, 3)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        x = self.pool(F.relu(self.conv2(x)))
        return self.fc(torch.flatten(x, 1))


def fgsm(model, x, y, eps):
    x = x.clone().detach()
    x.requires_grad = True
    loss = F.cross_entropy(model(x), y)
    model.zero_grad()
    loss.backward()
    return (x + eps * x.grad.sign()).clamp(0, 1).detach()


def pgd(model, x, y, eps=0.1, alpha=0.03, steps=3):
    adv = x + torch.empty_like(x).uniform_(-eps, eps)
    for _ in range(steps):
        adv = adv.detach().requires_grad_(True)
        loss = F.cross_entropy(model(adv), y)
        (grad,) = torch.autograd.grad(loss, adv)
        adv = adv + alpha * grad.sign()
        delta = torch.clamp(adv - x, min=-eps, max=eps)
        adv = torch.clamp(x + delta, 0, 1)
    return adv.detach()


def universal(model, x, y, steps=3):
    delta = torch.zeros(1, *x.shape[1:], requires_grad=True)
    optimizer = torch.optim.SGD([delta], lr=0.1)
    for _ in range(steps):
        loss = -F.cross_entropy(model(x + delta), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            delta.clamp_(-0.1, 0.1)
    return delta.detach(), delta.grad.norm()


torch.manual_seed(0)
model = Net().eval()
for p in model.parameters():
    p.requires_grad_(False)
images, labels = torch.rand(4, 1, 8, 8), torch.randint(0, 3, (4,))
clean = model(images).argmax(1)
first = fgsm(model, images, labels, 0.05)
second = pgd(model, images, labels)
patch, size = universal(model, images, labels)
changed = (model(second).argmax(1) != clean).float().mean()
print(first.shape, changed.item(), size.item())
