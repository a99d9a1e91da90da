"""A frozen teacher, a student with a weighted loss, an exponential moving average of the student."""
import copy

import torch
import torch.nn as nn
import torch.nn.functional as F


class Residual(nn.Module):
    def __init__(self, width, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(width, width, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.shortcut = nn.Identity() if stride == 1 else nn.Conv2d(width, width, 1, stride)

    def forward(self, x):
        out = F.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        out += self.shortcut(x)
        return F.relu(out)


class ResNet(nn.Module):
    def __init__(self, width, depth, classes=4):
        super().__init__()
        self.stem = nn.Conv2d(3, width, 3, padding=1)
        self.stages = nn.Sequential(*[Residual(width, 1 + i % 2) for i in range(depth)])
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(width, classes)

    def features(self, x):
        x = self.stages(self.stem(x))
        return torch.flatten(self.pool(x), 1)

    def forward(self, x):
        return self.fc(self.features(x))


class EMA:
    def __init__(self, model, decay=0.9):
        self.decay = decay
        self.shadow = {name: p.detach().clone() for name, p in model.named_parameters()}

    def update(self, model):
        for name, p in model.named_parameters():
            self.shadow[name] = self.decay * self.shadow[name] + (1 - self.decay) * p.detach()

    def copy_to(self, model):
        for name, p in model.named_parameters():
            p.data.copy_(self.shadow[name])


def distill(student_logits, teacher_logits, labels, temperature=3.0, alpha=0.5):
    hard = F.cross_entropy(student_logits, labels)
    soft = F.kl_div(
        F.log_softmax(student_logits / temperature, dim=1),
        F.softmax(teacher_logits / temperature, dim=1),
        reduction="batchmean",
    )
    return alpha * hard + (1 - alpha) * temperature**2 * soft


teacher = ResNet(8, 2).eval()
for p in teacher.parameters():
    p.requires_grad = False
student = ResNet(4, 1)
ema = EMA(student)
optimizer = torch.optim.SGD(student.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-4)
for step in range(3):
    images, labels = torch.randn(4, 3, 8, 8), torch.randint(0, 4, (4,))
    with torch.no_grad():
        target = teacher(images)
    logits = student(images)
    loss = distill(logits, target, labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    ema.update(student)
smooth = copy.deepcopy(student)
ema.copy_to(smooth)
smooth.eval()
with torch.no_grad():
    gap = (smooth(images) - student(images)).abs().mean()
missing = [name for name, p in student.named_parameters() if p.grad is None]
print(loss.item(), gap.item(), missing)
