# once: error grad-not-reached (`x.grad` is None: no backward() so far reaches `x`. It is a leaf that requires grad, but n): the program ran to its end
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
    x.requires_grad = True
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    return x.grad.sign()
model = Net().eval()
images, labels = (torch.rand(4, 1, 8, 8), torch.randint(0, 3, (4,)))
fgsm(model, images, labels, 0.05)
