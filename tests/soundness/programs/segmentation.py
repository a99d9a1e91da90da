"""Encoder and decoder with skip connections, a weighted Dice loss, and mixed precision switched off."""
import torch
import torch.nn as nn
import torch.nn.functional as F


class Double(nn.Sequential):
    def __init__(self, inputs, outputs):
        super().__init__(
            nn.Conv2d(inputs, outputs, 3, padding=1),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
            nn.Conv2d(outputs, outputs, 3, padding=1),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
        )


class UNet(nn.Module):
    def __init__(self, inputs=1, classes=2, widths=(4, 8)):
        super().__init__()
        self.downs, self.ups = nn.ModuleList(), nn.ModuleList()
        for width in widths:
            self.downs.append(Double(inputs, width))
            inputs = width
        for width in reversed(widths):
            self.ups.append(nn.ConvTranspose2d(width * 2, width, 2, 2))
            self.ups.append(Double(width * 2, width))
        self.bottom = Double(widths[-1], widths[-1] * 2)
        self.head = nn.Conv2d(widths[0], classes, 1)

    def forward(self, x):
        skips = []
        for down in self.downs:
            x = down(x)
            skips.append(x)
            x = F.max_pool2d(x, 2)
        x = self.bottom(x)
        skips = skips[::-1]
        for i in range(0, len(self.ups), 2):
            x = self.ups[i](x)
            skip = skips[i // 2]
            if x.shape != skip.shape:
                x = F.interpolate(x, size=skip.shape[2:])
            x = self.ups[i + 1](torch.cat((skip, x), dim=1))
        return self.head(x)


def dice(logits, mask, eps=1.0):
    probs = logits.softmax(dim=1)
    onehot = F.one_hot(mask, logits.shape[1]).permute(0, 3, 1, 2).float()
    both = (probs * onehot).sum(dim=(2, 3))
    either = probs.sum(dim=(2, 3)) + onehot.sum(dim=(2, 3))
    return 1 - ((2 * both + eps) / (either + eps)).mean()


torch.manual_seed(0)
model = UNet()
optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
scaler = torch.amp.GradScaler("cpu", enabled=False)
weights = torch.tensor([0.3, 0.7])
best = float("inf")
for epoch in range(2):
    images = torch.rand(2, 1, 16, 16)
    masks = (images[:, 0] > 0.5).long()
    with torch.autocast("cpu", enabled=False):
        logits = model(images)
        ce = F.cross_entropy(logits, masks, weight=weights)
        loss = ce + dice(logits, masks)
    optimizer.zero_grad()
    scaler.scale(loss).backward()
    scaler.step(optimizer)
    scaler.update()
    model.eval()
    with torch.no_grad():
        guess = model(images).argmax(1)
        score = (guess == masks).float().mean()
    model.train()
    if loss.item() < best:
        best = loss.item()
        kept = {k: v.clone() for k, v in model.state_dict().items()}
model.load_state_dict(kept)
print(best, score.item())
