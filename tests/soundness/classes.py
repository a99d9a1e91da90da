"""The statements that define and use classes: plain ones, modules, optimizers, custom Functions."""

from __future__ import annotations

from .writer import IN, Scope, Writer


def make_object(w: Writer, scope: Scope) -> list[str]:
    """A class with a tensor in it, an instance, and something done to it."""
    name, made = w.fresh("C"), w.fresh("o")
    lines = w.fill(w.draw.choice(CLASSES), scope).replace("{C}", name).split("\n")
    child = w.chance(0.3)
    if child:
        lines += w.draw.choice(CHILDREN).replace("{C}", name).split("\n")
    lines.append(f"{made} = {name}{'Child' if child else ''}({w.vec(scope)})")
    scope.names[made] = "obj"
    for _ in range(w.draw.randint(0, 2)):
        phrase = w.draw.choice(USES).replace("{o}", made)
        result = w.fresh()
        lines += w.fill(phrase, scope).replace("{r}", result).split("\n")
        if f"{result} = " in lines[-1]:
            scope.names[result] = "vec"
    return lines


CLASSES = [
    """class {C}:
    base = {y}

    def __init__(self, w):
        self.w = w
        self.last = w * 2

    @property
    def double(self):
        return self.w * 2

    def scale(self, a):
        return a * self.w

    def keep(self, a):
        self.last = self.last + a
        return self.last

    @classmethod
    def make(cls, a):
        return cls(a)""",
    """from dataclasses import dataclass, field

@dataclass
class {C}:
    w: torch.Tensor
    last: torch.Tensor = None
    seen: list = field(default_factory=list)

    def __post_init__(self):
        self.last = self.w.detach()

    @property
    def double(self):
        return self.w + self.w

    def scale(self, a):
        self.seen.append(a)
        return sum(self.seen) * self.w

    def keep(self, a):
        self.last += a.detach()
        return self.last

    @staticmethod
    def make(a):
        return {C}(a * 2)""",
    """class {C}:
    count = 0

    def __init__(self, w, gain=2.0):
        self.w, self.gain = w.clone().detach().requires_grad_(), gain
        self.last = None
        type(self).count += 1
        self.keep({y})

    def __call__(self, a):
        return self.scale(a)

    def __mul__(self, a):
        return self.w * a

    @property
    def double(self):
        with torch.no_grad():
            return self.w * self.gain

    def scale(self, a):
        if self.gain > 1:
            return a * self.w
        return a

    def keep(self, a):
        if self.last is None:
            self.last = a
        self.last = self.last * self.w
        return self.last

    def make(self, a):
        return {C}(a)""",
]
CHILDREN = [
    "class {C}Child({C}):\n    def scale(self, a):\n        return super().scale(a) + 1",
    "class {C}Child({C}):\n    @torch.no_grad()\n    def scale(self, a):\n        return a * self.w",
    "class {C}Child({C}):\n    def __init__(self, w):\n        super().__init__(w)\n        self.w = self.w * 3",
    "class {C}Child({C}):\n    @property\n    def double(self):\n        return self.w.detach()",
]
USES = [
    "{o}.w = {x} * 2", "{o}.w.requires_grad_()", "{r} = {o}.scale({x})", "{r} = {o}.double", "{r} = {o}.keep({x})", "{o}.last = {x}",
    "{o}.w += 1", "{o}.extra = {x}\n{r} = {o}.extra * 2", "{o}.w.retain_grad()", "if random.random() < 0.5:\n    {o}.w = {x}",
    "for _ in range(3):\n    {o}.w = {o}.w * 0.5", "{r} = {o}.make({x}).w", "setattr({o}, 'w', {x})", "{o}.w[0] = 1.0",
    "{o}.last = {o}.w\n{o}.last.mul_(2)", "del {o}.last\n{o}.last = {y}", "{r} = {o}.w\n{r} = {r}.exp()",
]  # fmt: skip

LAYERS = [
    "nn.Linear(3, 3)", "nn.Linear(3, 3, bias=False)", "nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 3))", "nn.LayerNorm(3)", "nn.Dropout(0.5)",
    "nn.Tanh()", "nn.ReLU(inplace=True)", "nn.Softmax(dim=-1)", "nn.Sequential(nn.Linear(3, 3), nn.ReLU(inplace=True))", "nn.Identity()", "nn.PReLU()",
    "nn.Sequential(nn.Unflatten(0, (1, 3)), nn.Linear(3, 3), nn.Flatten(0))", "nn.LeakyReLU()", "nn.Sigmoid()", "nn.GELU()", "nn.Bilinear(3, 3, 3)",
]  # fmt: skip
PARTS = [
    "self.scale = nn.Parameter(torch.ones(3))", "self.register_buffer('scale', torch.ones(3))", "self.scale = torch.ones(3)", "self.scale = torch.ones(3, requires_grad=True)",
    "self.scale = nn.Parameter(torch.ones(3), requires_grad=False)", "self.scale = nn.Parameter(torch.ones(3)) * 2", "self.scale = nn.Parameter(torch.zeros(3)).data",
]  # fmt: skip
BODIES = [
    "x = self.layer(x)", "x = x * self.scale", "x = x + self.scale", "x = F.relu(x)", "x = x.detach()", "x = self.other(x)", "with torch.no_grad():\n    x = x * self.scale",
    "if self.training:\n    x = x * 2", "h = self.layer(x)\nx = x + h", "x = self.norm(x.view(1, 3, 1)).view(3)", "for layer in self.layers:\n    x = layer(x)", "if x.requires_grad:\n    x = x.exp()",
    "self.cache = x", "x += self.scale", "x = self.conv(x.view(1, 1, 3)).view(3)", "x = F.dropout(x, 0.5, self.training)", "x = self.rnn(x.view(1, 1, 3))[0].view(3)", "x = x.clone()\nx[0] = 0.0",
    "x = self.help(x)", "x = self.table['a'](x)", "x = self.emb(torch.tensor([0, 1])).sum(0) + x", "self.running = 0.9 * self.running + 0.1 * x.detach()", "x = x * self.weights[0]",
]  # fmt: skip


def make_net(w: Writer, scope: Scope) -> list[str]:
    """A module: one of torch's own, or a class of the program's own."""
    made = w.fresh("net")
    scope.names[made] = "net"
    if w.chance(0.35):
        return [f"{made} = {w.draw.choice(LAYERS)}", *after(w, scope, made)]
    name = w.fresh("Net")
    lines = [
        f"class {name}(nn.Module):",
        f"{IN}def __init__(self, width=3):",
        f"{IN}{IN}super().__init__()",
    ]
    layers = [layer for layer in LAYERS if "Bilinear" not in layer]
    first, second = w.draw.choice(layers), w.draw.choice(layers)
    held = w.draw.choice(
        ["nn.ModuleList([{a}, {b}])", "[{a}, {b}]", "nn.ModuleList({a} for _ in range(2))"]
    )
    init = [
        f"self.layer = {first}",
        f"self.other = {w.draw.choice(['self.layer', second])}",
        f"self.layers = {held.replace('{a}', first).replace('{b}', second)}",
        w.draw.choice(PARTS),
        "self.norm = nn.BatchNorm1d(3)",
        "self.conv = nn.Conv1d(1, 1, 3, padding=1)",
        "self.rnn = nn.GRU(3, 3)",
        "self.emb = nn.Embedding(2, 3)",
        f"self.table = nn.ModuleDict({{'a': {second}}})",
        "self.register_buffer('running', torch.zeros(3))",
        "self.weights = nn.ParameterList([nn.Parameter(torch.ones(3))])",
        "self.cache = None",
    ]
    lines += [IN * 2 + line for line in init]
    if w.chance(0.2):
        lines += [f"{IN}@torch.no_grad()"]
    lines += [
        f"{IN}def help(self, x):",
        f"{IN}{IN}return self.other(x) * {w.draw.choice(['2', 'self.scale'])}",
    ]
    lines += [f"{IN}def forward(self, x):"]
    for phrase in w.draw.sample(BODIES, w.draw.randint(1, 4)):
        lines += [IN * 2 + line for line in phrase.split("\n")]
    lines += [f"{IN}{IN}return x", f"{made} = {name}()"]
    return [*lines, *after(w, scope, made)]


def after(w: Writer, scope: Scope, net: str) -> list[str]:
    """What is done to a module once it is there."""
    lines: list[str] = []
    for _ in range(w.draw.randint(0, 2)):
        result = w.fresh()
        phrase = w.draw.choice(HANDLING).replace("{n}", net).replace("{r}", result)
        lines += w.fill(phrase, scope).split("\n")
    if w.chance(0.7):
        result = w.fresh()
        lines.append(f"{result} = {net}({w.vec(scope)})")
        scope.names[result] = "vec"
    return lines


HANDLING = [
    "{n}.eval()", "{n}.train()", "{n}.requires_grad_(False)", "for p in {n}.parameters():\n    p.requires_grad = False", "{n}.double().float()", "{n}.to('cpu')",
    "{n}.zero_grad()", "{r} = list({n}.parameters())", "for k, p in {n}.named_parameters():\n    if 'weight' in k:\n        p.requires_grad_(False)", "{r} = {n}.state_dict()",
    "{n}({x}).sum().backward()\nfor p in {n}.parameters():\n    {r} = p.grad", "for p in {n}.parameters():\n    nn.init.normal_(p)", "{n}.apply(lambda m: None)",
    "{n}.weight.data.fill_(0.5)", "{r} = {n}.weight", "with torch.no_grad():\n    {n}.weight.mul_(2)", "{n}.weight = nn.Parameter(torch.ones(3, 3))", "{n}.scale = nn.Parameter({y}.detach())",
    "import copy\n{r} = copy.deepcopy({n})", "{n}.load_state_dict({n}.state_dict())", "{n}.register_forward_hook(lambda m, a, out: out.detach())", "{r} = next({n}.parameters())",
    "{n}.layer = nn.Linear(3, 3)", "{r} = {n}.layer.weight.grad", "{r} = {n}.scale\n{r} = {r} * 2", "nn.utils.clip_grad_norm_({n}.parameters(), 1.0)", "{n}.bias = None",
    "for m in {n}.modules():\n    if isinstance(m, nn.Linear):\n        nn.init.zeros_(m.weight)", "{r} = [p for p in {n}.parameters() if p.requires_grad]",
]  # fmt: skip


def make_train(w: Writer, scope: Scope) -> list[str]:
    """A training loop with an optimizer."""
    nets = scope.of("net")
    lines: list[str] = []
    if not nets or w.chance(0.3):
        nets = [w.fresh("net")]
        lines.append(f"{nets[0]} = {w.draw.choice(LAYERS[:3])}")
        scope.names[nets[0]] = "net"
    net, opt, loss, result = w.draw.choice(nets), w.fresh("opt"), w.fresh("loss"), w.fresh()
    x = w.vec(scope)
    params = w.draw.choice(
        [f"{net}.parameters()", f"{net}.parameters()", f"list({net}.parameters()) + [{x}]", f"[{x}]", f"[{{'params': {net}.parameters(), 'lr': 0.1}}]",
         f"[p for p in {net}.parameters() if p.requires_grad]"]
    )  # fmt: skip
    made = w.draw.choice(OPTIMIZERS).replace("{p}", params)
    lines.append(f"{opt} = {made}")
    body = w.fill(w.draw.choice(STEPS), scope)
    for mark, name in (("{n}", net), ("{o}", opt), ("{l}", loss), ("{r}", result)):
        body = body.replace(mark, name)
    over = w.draw.choice(["range(2)", "range(5)", "range(random.randint(1, 3))"])
    lines.append(f"for _ in {over}:")
    lines += [IN + line for line in body.split("\n")]
    if w.chance(0.2):
        lines += w.block(scope.child(loop=True), 1, 2)
    return lines


OPTIMIZERS = [
    "torch.optim.SGD({p}, lr=0.1)", "torch.optim.Adam({p})", "torch.optim.SGD({p}, lr=0.1, momentum=0.9)", "torch.optim.AdamW({p}, lr=0.1, weight_decay=0.0)", "torch.optim.RMSprop({p})",
]  # fmt: skip
STEPS = [
    "{o}.zero_grad()\n{l} = {n}({x}).pow(2).sum()\n{l}.backward()\n{o}.step()",
    "{l} = F.mse_loss({n}({x}), {y}.detach())\n{o}.zero_grad()\n{l}.backward()\n{o}.step()",
    "{o}.zero_grad(set_to_none=False)\n{l} = ({n}({x}) * {y}).sum()\n{l}.backward(retain_graph=True)\n{o}.step()",
    "{l} = {n}({x}).sum()\n{l}.backward()\n{o}.zero_grad()\n{o}.step()",
    "{r} = {n}({x})\n{l} = {r}.mean()\n{l}.backward()\n{o}.step()\n{o}.zero_grad()\nfor p in {n}.parameters():\n    {r} = p.grad",
    "def closure():\n    {o}.zero_grad()\n    {l} = {n}({x}).sum()\n    {l}.backward()\n    return {l}\n{o}.step(closure)",
    "{n}.train()\n{l} = {n}({x}).abs().sum() + {y}.sum()\n{l}.backward()\n{o}.step()\n{n}.eval()\nwith torch.no_grad():\n    {r} = {n}({x})",
    "{o}.zero_grad()\n{r} = {n}({x})\n{l} = {r}.sum() * 0.5\nif {l}.requires_grad:\n    {l}.backward()\n    nn.utils.clip_grad_norm_({n}.parameters(), 1.0)\n    {o}.step()",
    "{n}.zero_grad()\n{l} = sum(p.pow(2).sum() for p in {n}.parameters())\n{l}.backward()\nwith torch.no_grad():\n    for p in {n}.parameters():\n        p -= 0.1 * p.grad",
    "{n}.zero_grad()\n({n}({x}).sum() + {y}.sum()).backward()\nfor p in {n}.parameters():\n    if p.grad is None:\n        continue\n    p.data -= 0.1 * p.grad.data",
]  # fmt: skip


def make_custom(w: Writer, scope: Scope) -> list[str]:
    """A custom autograd Function."""
    name, result = w.fresh("Fn"), w.fresh()
    scope.names[result] = "vec"
    lines = w.fill(w.draw.choice(CUSTOM), scope)
    return lines.replace("{F}", name).replace("{r}", result).split("\n")


CUSTOM = [
    "class {F}(torch.autograd.Function):\n    @staticmethod\n    def forward(ctx, a):\n        ctx.save_for_backward(a)\n        return a * 2\n\n"
    "    @staticmethod\n    def backward(ctx, g):\n        (a,) = ctx.saved_tensors\n        return g * 2\n{r} = {F}.apply({x})",
    "class {F}(torch.autograd.Function):\n    @staticmethod\n    def forward(ctx, a, k):\n        return a.sign()\n\n"
    "    @staticmethod\n    def backward(ctx, g):\n        return g, None\n{r} = {F}.apply({x}, 2)",
    "class {F}(torch.autograd.Function):\n    @staticmethod\n    def forward(ctx, a, b):\n        ctx.mark_non_differentiable(b)\n        return a * b\n\n"
    "    @staticmethod\n    def backward(ctx, g):\n        return g, g\n{r} = {F}.apply({x}, {y})",
]
