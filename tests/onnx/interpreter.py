"""The operators that torch exports, computed from the ONNX file in float64, one node after another, as the specification says."""
import numpy as np
import onnx, onnx.numpy_helper
import torch
import torch.nn.functional as F


def interpret(proto, image, weights={}):
    """What the network makes of `image`; `weights` are the tensors that the file lacks."""
    graph = proto.graph
    values = {'': None, graph.input[0].name: image.double()}
    values.update((name, tensor.double()) for name, tensor in weights.items())
    for tensor in graph.initializer:
        if tensor.name not in values:
            values[tensor.name] = tensor_of(tensor)
    for node in graph.node:
        options = {attribute.name: onnx.helper.get_attribute_value(attribute) for attribute in node.attribute}
        results = OPERATORS[node.op_type](*(values[name] for name in node.input), **options)
        results = results if isinstance(results, tuple) else (results,)
        values.update(zip(node.output, results))
    return values[graph.output[0].name]


def tensor_of(proto):
    tensor = torch.from_numpy(np.array(onnx.numpy_helper.to_array(proto)))
    return tensor.double() if tensor.is_floating_point() else tensor


def numbers(tensor):
    return [int(value) for value in tensor.flatten()]


def padded(x, pads, value=0.0):
    top, left, bottom, right = pads
    return F.pad(x, (left, right, top, bottom), value=value)


def conv(x, weight, bias=None, *, group=1, strides=(1, 1), pads=(0, 0, 0, 0), dilations=(1, 1), kernel_shape=None):
    return F.conv2d(padded(x, pads), weight, bias, strides, 0, dilations, group)


def conv_transpose(x, weight, bias=None, *, group=1, strides=(1, 1), pads=(0, 0, 0, 0), dilations=(1, 1), kernel_shape=None):
    assert tuple(pads) == (0, 0, 0, 0)
    return F.conv_transpose2d(x, weight, bias, strides, 0, 0, group, dilations)


def max_pool(x, *, kernel_shape, strides, pads=(0, 0, 0, 0), ceil_mode=0):
    return F.max_pool2d(padded(x, pads, -np.inf), kernel_shape, strides, ceil_mode=bool(ceil_mode))


def average_pool(x, *, kernel_shape, strides, pads=(0, 0, 0, 0), ceil_mode=0):
    assert tuple(pads) == (0, 0, 0, 0) and not ceil_mode
    return F.avg_pool2d(x, kernel_shape, strides)


def batch_normalization(x, scale, bias, mean, variance, *, epsilon=1e-5, momentum=0.9, training_mode=0):
    assert training_mode == 0
    return F.batch_norm(x, mean, variance, scale, bias, eps=epsilon)


def gemm(a, b, c=None, *, alpha=1.0, beta=1.0, transA=0, transB=0):
    product = alpha * ((a.T if transA else a) @ (b.T if transB else b))
    return product if c is None else product + beta * c


def clip(x, low=None, high=None):
    return torch.clamp(x, low, high)


def hard_sigmoid(x, *, alpha=0.2, beta=0.5):
    return torch.clamp(alpha * x + beta, 0, 1)


def reshape(x, shape, *, allowzero=0):
    return x.reshape([x.shape[axis] if size == 0 else size for axis, size in enumerate(numbers(shape))])


def split(x, sizes=None, *, axis=0, split=None):
    return torch.split(x, split if sizes is None else numbers(sizes), axis)


def reduce_mean(x, *, axes, keepdims=1):
    return x.mean(axes, keepdim=bool(keepdims))


def slices(x, starts, ends, axes=None, steps=None):
    for k, (start, end) in enumerate(zip(numbers(starts), numbers(ends))):
        axis = k if axes is None else numbers(axes)[k]
        step = 1 if steps is None else numbers(steps)[k]
        positions = list(range(x.shape[axis]))[slice(start, None if step < 0 and end < -(2**31) else end, step)]
        x = x.index_select(axis, torch.tensor(positions))
    return x


def gather(x, indices, *, axis=0):
    return torch.from_numpy(np.array(np.take(x.numpy(), indices.numpy(), axis=axis)))


def unsqueeze(x, axes_tensor=None, *, axes=None):
    for axis in axes or numbers(axes_tensor):
        x = x.unsqueeze(axis)
    return x


def pad(x, pads, value=None, *, mode=b'constant'):
    assert mode == b'constant'
    pads = numbers(pads)
    pairs = list(zip(pads[: x.dim()], pads[x.dim() :]))
    return F.pad(x, [size for pair in reversed(pairs) for size in pair], value=0.0 if value is None else float(value))


def resize(x, roi, scales, sizes=None, *, mode=b'nearest', coordinate_transformation_mode=b'half_pixel', **_):
    assert (mode, coordinate_transformation_mode) in ((b'linear', b'half_pixel'), (b'linear', b'pytorch_half_pixel'))
    return F.interpolate(x, numbers(sizes)[2:], mode='bilinear', align_corners=False)


def divide(a, b):
    return a / b if a.is_floating_point() else torch.div(a, b, rounding_mode='trunc')


OPERATORS = {
    'Add': lambda a, b: a + b,
    'AveragePool': average_pool,
    'BatchNormalization': batch_normalization,
    'Cast': lambda x, *, to: x.to({1: torch.float64, 7: torch.int64, 9: torch.bool}[to]),
    'Clip': clip,
    'Concat': lambda *inputs, axis: torch.cat(inputs, axis),
    'Constant': lambda *, value: tensor_of(value),
    'ConstantOfShape': lambda shape, *, value: torch.full(numbers(shape), tensor_of(value).item()),
    'Conv': conv,
    'ConvTranspose': conv_transpose,
    'Div': divide,
    'Flatten': lambda x, *, axis=1: x.flatten(axis),
    'Floor': torch.floor,
    'Gather': gather,
    'Gemm': gemm,
    'GlobalAveragePool': lambda x: x.mean((2, 3), keepdim=True),
    'HardSigmoid': hard_sigmoid,
    'HardSwish': F.hardswish,
    'Identity': lambda x: x,
    'MaxPool': max_pool,
    'Mul': lambda a, b: a * b,
    'Pad': pad,
    'ReduceMean': reduce_mean,
    'Relu': torch.relu,
    'Reshape': reshape,
    'Resize': resize,
    'Shape': lambda x: torch.tensor(x.shape),
    'Sigmoid': torch.sigmoid,
    'Slice': slices,
    'Split': split,
    'Sub': lambda a, b: a - b,
    'Transpose': lambda x, *, perm: x.permute(perm),
    'Unsqueeze': unsqueeze,
}
