"""Truncated backpropagation through time: the hidden state is detached between chunks."""
import torch
import torch.nn as nn


class CharRNN(nn.Module):
    def __init__(self, vocab, dim=6, hidden=7, cell="lstm"):
        super().__init__()
        self.hidden = hidden
        self.embed = nn.Embedding(vocab, dim)
        if cell == "lstm":
            self.rnn = nn.LSTM(dim, hidden, batch_first=True)
        else:
            self.rnn = nn.GRU(dim, hidden, batch_first=True)
        self.out = nn.Linear(hidden, vocab)

    def forward(self, ids, state=None):
        emb = self.embed(ids)
        seq, state = self.rnn(emb, state)
        return self.out(seq), state

    def start(self, batch):
        weight = next(self.parameters())
        return (weight.new_zeros(1, batch, self.hidden), weight.new_zeros(1, batch, self.hidden))


def detach(state):
    if isinstance(state, torch.Tensor):
        return state.detach()
    return tuple(detach(each) for each in state)


torch.manual_seed(0)
vocab = 9
corpus = torch.randint(0, vocab, (2, 41))
model = CharRNN(vocab)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.RMSprop(model.parameters(), lr=0.01)

losses = []
for epoch in range(2):
    state = model.start(2)
    for begin in range(0, 40, 10):
        inputs = corpus[:, begin : begin + 10]
        targets = corpus[:, begin + 1 : begin + 11]
        state = detach(state)
        optimizer.zero_grad()
        logits, state = model(inputs, state)
        loss = criterion(logits.reshape(-1, vocab), targets.reshape(-1))
        loss.backward()
        for p in model.parameters():
            if p.grad is not None:
                p.grad.data.clamp_(-1, 1)
        optimizer.step()
        losses.append(float(loss))

model.eval()
with torch.no_grad():
    ids, state = torch.zeros(1, 1, dtype=torch.long), None
    letters = []
    for _ in range(5):
        logits, state = model(ids, state)
        ids = logits[:, -1].argmax(-1, keepdim=True)
        letters.append(ids.item())
print(letters, sum(losses) / len(losses))
