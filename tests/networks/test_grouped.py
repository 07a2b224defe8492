"""Convolutions in groups, against torch's own in double precision, whose second derivative goes group by group."""

import pytest
import torch
from torch import nn
from torch.autograd import grad, gradcheck, gradgradcheck
from torch.func import functional_call, grad_and_value, vmap

from wgan.networks.grouped import Grouped1d, Grouped2d, Grouped3d, differentiable

PAIRS = [(Grouped1d, nn.Conv1d, (9,)), (Grouped2d, nn.Conv2d, (6, 5)), (Grouped3d, nn.Conv3d, (4, 3, 5))]


def layers(kinds, groups, kernel=3, padding=1):
    """Ours and torch's, with the same weights."""
    ours, theirs = (kind(8, 12, kernel, padding=padding, groups=groups, bias=False).double() for kind in kinds)
    theirs.load_state_dict(ours.state_dict())
    return ours, theirs


def penalised(layer, x):
    """A loss of values and slopes, and its gradients: of the weight, and of the input."""
    x = x.clone().requires_grad_()
    values = torch.tanh(layer(x))
    (slopes,) = grad(values.sum(), x, create_graph=True)
    loss = slopes.pow(2).sum() + values.pow(3).sum()
    return loss, *grad(loss, [layer.weight, x])


@pytest.mark.parametrize("groups", [2, 4])
@pytest.mark.parametrize(("ours", "theirs", "size"), PAIRS)
def test_values_and_both_derivatives_are_those_of_torch(ours, theirs, size, groups):
    x = torch.randn(3, 8, *size, dtype=torch.float64)
    for one, other in zip(*(penalised(layer, x) for layer in layers((ours, theirs), groups)), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("kernel", "padding"), [(1, 0), (4, 0), (3, 1), (3, 2)])
def test_derivatives_are_those_of_differences_for_every_kernel(kernel, padding):
    (layer, _), x = layers(PAIRS[1][:2], 4, kernel, padding), torch.randn(2, 8, 4, 4, dtype=torch.float64)

    def of(x, weight):
        return functional_call(layer, {"weight": weight}, x)

    given = x.requires_grad_(), layer.weight.detach().requires_grad_()
    assert gradcheck(of, given)
    assert gradgradcheck(of, given)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_autocast_computes_in_the_same_precision_as_torch(dtype):
    torch.manual_seed(0)
    ours, theirs = (layer.float() for layer in layers(PAIRS[1][:2], 4))
    x = torch.randn(2, 8, 6, 6)
    found = []
    for layer in (ours, theirs):
        with torch.autocast("cpu", torch.bfloat16, enabled=dtype is torch.bfloat16):
            out = layer(x)
        out.float().pow(2).sum().backward()
        assert out.dtype is dtype
        assert layer.weight.grad.dtype is torch.float32
        found.append((out, layer.weight.grad))
    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-5 if dtype is torch.float32 else 0.02, atol=1e-4)


def gradients_within_torch_func(layer, x):
    def lost(weights):
        def scored(x):
            return torch.tanh(functional_call(layer, weights, x)).sum()

        return torch.func.grad(scored)(x).pow(2).sum()

    return grad_and_value(lost)({"weight": layer.weight.detach()})[0]["weight"]


def test_a_graph_has_as_many_operations_for_many_groups_as_for_few():
    """What a compiler has to read, and a GPU to start; torch's own convolution has three more for each group."""

    def operations(kind, groups):
        graphs = []

        def counting(graph, inputs):
            graphs.append(sum(node.op == "call_function" for node in graph.graph.nodes))
            return graph.forward

        torch.compiler.allow_in_graph(differentiable)  # as compiled engines do
        layer = kind(96, 96, 3, padding=1, groups=groups, bias=False)
        x = torch.randn(2, 96, 4, 4)
        compiled = torch.compile(
            lambda x: gradients_within_torch_func(layer, x), fullgraph=True, backend=aot_autograd(fw_compiler=counting)
        )
        torch.testing.assert_close(compiled(x), gradients_within_torch_func(layer, x))
        return graphs

    from functorch.compile import make_boxed_func
    from torch._dynamo.backends.common import aot_autograd as backend

    def aot_autograd(fw_compiler):
        return backend(fw_compiler=lambda graph, inputs: make_boxed_func(fw_compiler(graph, inputs)))

    few, many = (operations(Grouped2d, groups) for groups in (2, 48))
    assert few == many
    assert operations(nn.Conv2d, 48)[0] > many[0] + 48


def test_gradients_of_single_samples_are_those_of_torch():
    ours, theirs = layers(PAIRS[1][:2], 4)
    x = torch.randn(3, 8, 4, 4, dtype=torch.float64)

    def each(layer):
        def scored(one):
            return torch.tanh(functional_call(layer, {"weight": layer.weight.detach()}, one[None])).sum()

        return vmap(torch.func.grad(scored))(x)

    torch.testing.assert_close(each(ours), each(theirs), rtol=1e-12, atol=1e-12)


def test_what_is_not_differentiated_is_torchs_own():
    ours, theirs = layers(PAIRS[1][:2], 4)
    x = torch.randn(2, 8, 6, 6, dtype=torch.float64)
    with torch.no_grad():
        assert torch.equal(ours(x), theirs(x))
    assert str(ours) == str(theirs).replace("Conv2d", "Grouped2d")
