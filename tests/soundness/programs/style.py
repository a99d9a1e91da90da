"""An image optimized with L-BFGS against losses that modules in a Sequential keep."""
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim


def gram(x):
    a, b, c, d = x.size()
    features = x.view(a * b, c * d)
    g = torch.mm(features, features.t())
    return g.div(a * b * c * d)


class ContentLoss(nn.Module):
    def __init__(self, target):
        super().__init__()
        self.target = target.detach()

    def forward(self, x):
        self.loss = F.mse_loss(x, self.target)
        return x


class StyleLoss(nn.Module):
    def __init__(self, feature):
        super().__init__()
        self.target = gram(feature).detach()

    def forward(self, x):
        self.loss = F.mse_loss(gram(x), self.target)
        return x


def build(cnn, style, content):
    model, styles, contents = nn.Sequential(), [], []
    count = 0
    for layer in cnn.children():
        if isinstance(layer, nn.Conv2d):
            count += 1
            name = f"conv_{count}"
        else:
            name = f"relu_{count}"
            layer = nn.ReLU(inplace=False)
        model.add_module(name, layer)
        if name == "conv_2":
            probe = ContentLoss(model(content).detach())
            model.add_module(f"content_{count}", probe)
            contents.append(probe)
        if name.startswith("conv"):
            probe = StyleLoss(model(style).detach())
            model.add_module(f"style_{count}", probe)
            styles.append(probe)
    return model, styles, contents


cnn = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(), nn.Conv2d(4, 4, 3, padding=1), nn.ReLU()).eval()
content, style = torch.rand(1, 3, 8, 8), torch.rand(1, 3, 8, 8)
model, styles, contents = build(cnn, style, content)
model.requires_grad_(False)
image = content.clone().requires_grad_(True)
optimizer = optim.LBFGS([image], max_iter=3)
run = [0]
while run[0] <= 4:

    def closure():
        with torch.no_grad():
            image.clamp_(0, 1)
        optimizer.zero_grad()
        model(image)
        style_score = sum(each.loss for each in styles)
        content_score = sum(each.loss for each in contents)
        loss = style_score * 100 + content_score
        loss.backward()
        run[0] += 1
        return loss

    optimizer.step(closure)
with torch.no_grad():
    image.clamp_(0, 1)
print(image.grad.abs().mean().item())
