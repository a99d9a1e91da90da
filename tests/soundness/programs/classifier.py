"""A classifier trained on synthetic data, with a dataclass of settings and an evaluation pass."""
import argparse
from dataclasses import dataclass

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset


@dataclass
class Settings:
    hidden: int = 16
    epochs: int = 2
    lr: float = 1e-2
    dropout: float = 0.1
    device: str = "cpu"


class Classifier(nn.Module):
    def __init__(self, inputs, classes, settings):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(inputs, settings.hidden),
            nn.BatchNorm1d(settings.hidden),
            nn.ReLU(inplace=True),
            nn.Dropout(settings.dropout),
            nn.Linear(settings.hidden, classes),
        )

    def forward(self, x):
        return self.net(x)


def make_loader(count, inputs, classes):
    features = torch.randn(count, inputs)
    labels = torch.randint(0, classes, (count,))
    return DataLoader(TensorDataset(features, labels), batch_size=8, shuffle=True)


@torch.no_grad()
def evaluate(model, loader, device):
    model.eval()
    hits = total = 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        logits = model(x)
        hits += (logits.argmax(dim=1) == y).sum().item()
        total += y.numel()
    return hits / max(total, 1)


def main(argv=None):
    parser = argparse.ArgumentParser()
    parser.add_argument("--verbose", action="store_true")
    args = parser.parse_args(argv or [])
    settings = Settings()
    device = torch.device(settings.device)
    model = Classifier(6, 3, settings).to(device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=settings.lr)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=1, gamma=0.9)
    loader = make_loader(24, 6, 3)
    for epoch in range(settings.epochs):
        model.train()
        running = 0.0
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            optimizer.zero_grad()
            logits = model(x)
            loss = F.cross_entropy(logits, y)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            running += loss.item() * x.size(0)
        scheduler.step()
        accuracy = evaluate(model, loader, device)
        if args.verbose:
            print(f"epoch {epoch}: loss {running:.3f}, accuracy {accuracy:.2%}")


if __name__ == "__main__":
    main()
