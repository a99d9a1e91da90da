"""Names of torch as programs spell them, for the rewrites that choose by name."""

from __future__ import annotations

_FACTORIES_WORDS = """
    tensor asarray zeros ones empty full rand randn randint randperm arange range linspace
    logspace eye zeros_like ones_like empty_like full_like rand_like randn_like randint_like
    empty_strided sparse_coo_tensor sparse_csr_tensor bartlett_window
    blackman_window hamming_window hann_window kaiser_window
"""
FACTORIES = frozenset(_FACTORIES_WORDS.split())
"""The functions of torch that take `requires_grad`; so do the `new_*` methods of a tensor."""

_KEPT_WORDS = """
    to cuda cpu double float half bfloat16 type contiguous view reshape t transpose permute
    unsqueeze squeeze expand repeat clone pin_memory requires_grad_ flatten detach
"""
KEPT = frozenset(_KEPT_WORDS.split())
"""Methods that move or cast a new tensor, or lay it out anew: the flag belongs behind them."""

_TWINS_WORDS = """
    abs absolute acos acosh add addbmm addcdiv addcmul addmm addmv addr arccos arccosh arcsin
    arcsinh arctan arctan2 arctanh as_strided asin asinh atan atan2 atanh baddbmm bitwise_and
    bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift bitwise_xor ceil clamp
    clamp_max clamp_min clip conj_physical copysign cos cosh cumprod cumsum deg2rad detach
    digamma div divide erf erfc erfinv exp exp2 expm1 fix float_power floor floor_divide fmod
    frac gcd heaviside hypot i0 igamma igammac index_add index_copy index_fill index_put
    index_reduce lcm ldexp lerp lgamma log log10 log1p log2 logit masked_fill masked_scatter
    mul multiply mvlgamma nan_to_num neg negative nextafter polygamma pow put rad2deg
    reciprocal relu remainder renorm round rsqrt scatter scatter_add scatter_reduce sgn sigmoid
    sign sin sinc sinh sqrt square squeeze sub subtract swapaxes swapdims t tan tanh transpose
    tril triu true_divide trunc unsqueeze xlogy
"""
TWINS = frozenset(_TWINS_WORDS.split())
"""Methods `op` that compute what `op_` writes. Not among them: those whose result has another
dtype (`eq`, `logical_and`), and those that mean something else (`bernoulli`, `resize`)."""

_FUNCTIONS_WORDS = """
    celu elu hardtanh leaky_relu rrelu selu threshold dropout alpha_dropout feature_dropout
    feature_alpha_dropout
"""
FUNCTIONS = TWINS | frozenset(_FUNCTIONS_WORDS.split())
"""Functions of torch and torch.nn.functional with an `op_` form beside `op`."""

_VIEWS_WORDS = """
    view view_as t transpose swapaxes swapdims permute squeeze unsqueeze narrow select diagonal
    unfold movedim expand
"""
VIEWS = frozenset(_VIEWS_WORDS.split())
"""Methods whose result surely shares the memory of the tensor."""

_RESHAPED_WORDS = """
    view view_as reshape flatten t transpose swapaxes swapdims permute squeeze unsqueeze narrow
    select diagonal unfold movedim expand repeat index_select gather cat stack
    to cuda cpu double float half bfloat16 long int type
    sum mean max min norm
"""
RESHAPED = frozenset(_RESHAPED_WORDS.split())
"""Methods and functions whose result has another shape, dtype or device, so that it cannot be
written into the tensor it was made of."""
