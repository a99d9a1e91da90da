"""Deep Q-learning: a target network, a replay memory, soft updates without gradients."""
import copy
import random
from collections import deque, namedtuple

import torch
import torch.nn as nn
import torch.nn.functional as F

Transition = namedtuple("Transition", ["state", "action", "reward", "next_state", "done"])


class Memory:
    def __init__(self, capacity):
        self.items = deque(maxlen=capacity)

    def push(self, *args):
        self.items.append(Transition(*args))

    def sample(self, count):
        return random.sample(self.items, count)

    def __len__(self):
        return len(self.items)


class QNet(nn.Module):
    def __init__(self, states=4, actions=2, dueling=True):
        super().__init__()
        self.dueling = dueling
        self.body = nn.Linear(states, 16)
        self.value = nn.Linear(16, 1)
        self.advantage = nn.Linear(16, actions)

    def forward(self, x):
        h = F.relu(self.body(x))
        a = self.advantage(h)
        if self.dueling:
            v = self.value(h)
            return v + a - a.mean(dim=1, keepdim=True)
        return a


class Agent:
    gamma = 0.99

    def __init__(self):
        self.policy = QNet()
        self.target = copy.deepcopy(self.policy)
        for p in self.target.parameters():
            p.requires_grad = False
        self.optimizer = torch.optim.Adam(self.policy.parameters(), lr=1e-3)
        self.memory = Memory(100)

    def act(self, state, epsilon):
        if random.random() < epsilon:
            return random.randrange(2)
        with torch.no_grad():
            q = self.policy(state.unsqueeze(0))
        return int(q.argmax())

    def learn(self, count=8):
        if len(self.memory) < count:
            return None
        batch = Transition(*zip(*self.memory.sample(count)))
        state = torch.stack(batch.state)
        action = torch.tensor(batch.action).unsqueeze(1)
        reward = torch.tensor(batch.reward)
        following = torch.stack(batch.next_state)
        done = torch.tensor(batch.done, dtype=torch.float32)
        q = self.policy(state).gather(1, action).squeeze(1)
        with torch.no_grad():
            best = self.target(following).max(1)[0]
            goal = reward + self.gamma * best * (1 - done)
        loss = F.smooth_l1_loss(q, goal)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self.soft_update(0.05)
        return loss.item()

    @torch.no_grad()
    def soft_update(self, tau):
        for mine, theirs in zip(self.policy.parameters(), self.target.parameters()):
            theirs.mul_(1 - tau).add_(mine, alpha=tau)


random.seed(0)
agent = Agent()
state = torch.randn(4)
for step in range(20):
    action = agent.act(state, epsilon=0.5)
    following = state + 0.1 * torch.randn(4)
    agent.memory.push(state, action, float(action), following, step % 7 == 6)
    state = following
    value = agent.learn()
print(value)
