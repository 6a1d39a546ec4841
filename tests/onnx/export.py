#!/usr/bin/env python3
"""Whole networks of torchvision as ONNX files without weights, and what torch makes of them when they are filled: see README.md.

Needs Debian's python3-torch, python3-torchvision and python3-onnx:  /usr/bin/python3 export.py [CASE ...]
"""
import io, json, os, sys, warnings
from collections import OrderedDict

import numpy as np
import onnx
import torch
import torch.nn as nn
import torch.nn.functional as F
import torchvision

from interpreter import interpret

warnings.filterwarnings('ignore')
HERE = os.path.dirname(os.path.abspath(__file__))
DATA_FILE = 'weights.bin'
# Whose operands are weights.
LAYERS = ('Conv', 'ConvTranspose', 'Gemm', 'BatchNormalization')


# ---- the filling, as ../goldens/README.md tells --------------------------------------------------------------------------

def hash_of(text):
    h = 0x811C9DC5
    for byte in text.encode():
        h = ((h ^ byte) * 0x01000193) & 0xFFFFFFFF
    return h


def uniform(name, count):
    with np.errstate(over='ignore'):
        x = np.uint32(hash_of(name)) + np.arange(count, dtype=np.uint32) * np.uint32(0x9E3779B9)
        x ^= x >> np.uint32(16)
        x *= np.uint32(0x7FEB352D)
        x ^= x >> np.uint32(15)
        x *= np.uint32(0x846CA68B)
        x ^= x >> np.uint32(16)
    return x.astype(np.float64) / 2**31 - 1


def seeded(name, shape):
    u = uniform(name, int(np.prod(shape)))
    if len(shape) >= 2:
        values = u * np.sqrt(3 / np.prod(shape[1:])) * (np.sqrt(2) if len(shape) == 4 else 1)
    elif name.endswith('running_var'):
        values = 1 + 0.5 * u
    elif name.endswith('weight'):
        values = 1 + 0.2 * u
    else:
        values = 0.1 * u
    return torch.from_numpy(values.astype(np.float32).reshape(shape))


def image_of(shape):
    return torch.from_numpy(uniform('input', int(np.prod(shape))).astype(np.float32).reshape(shape))


# ---- networks that torchvision does not have -----------------------------------------------------------------------------

class MobileNetV1(nn.Module):
    """MobileNet v1 with the layers of keras-applications: those of stride 2 pad on the right and below only."""

    ROWS = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)] + [(512, 1)] * 5 + [(1024, 2), (1024, 1)]

    def __init__(self):
        super().__init__()
        channels = 32
        self.conv1 = nn.Conv2d(3, channels, 3, 2, bias=False)
        self.conv1_bn = nn.BatchNorm2d(channels, eps=1e-3)
        for index, (filters, stride) in enumerate(self.ROWS, 1):
            padding = 0 if stride == 2 else 1
            depthwise = nn.Conv2d(channels, channels, 3, stride, padding=padding, groups=channels, bias=False)
            setattr(self, f'conv_dw_{index}', depthwise)
            setattr(self, f'conv_dw_{index}_bn', nn.BatchNorm2d(channels, eps=1e-3))
            setattr(self, f'conv_pw_{index}', nn.Conv2d(channels, filters, 1, bias=False))
            setattr(self, f'conv_pw_{index}_bn', nn.BatchNorm2d(filters, eps=1e-3))
            channels = filters
        self.conv_preds = nn.Conv2d(channels, 1000, 1)

    def layer(self, x, name):
        return F.relu6(getattr(self, f'{name}_bn')(getattr(self, name)(x)))

    def forward(self, x):
        x = self.layer(F.pad(x, (0, 1, 0, 1)), 'conv1')
        for index, (_, stride) in enumerate(self.ROWS, 1):
            if stride == 2:
                x = F.pad(x, (0, 1, 0, 1))
            x = self.layer(self.layer(x, f'conv_dw_{index}'), f'conv_pw_{index}')
        return self.conv_preds(x.mean((2, 3), keepdim=True)).flatten(1)


class UNet(nn.Module):
    """U-Net with padded convolutions and batch normalization, layers of torch.hub's brain-segmentation U-Net."""

    def __init__(self, features=32):
        super().__init__()

        def block(channels, out, name):
            layers = OrderedDict()
            for index, inputs in ((1, channels), (2, out)):
                layers[f'{name}conv{index}'] = nn.Conv2d(inputs, out, 3, padding=1, bias=False)
                layers[f'{name}norm{index}'] = nn.BatchNorm2d(out)
                layers[f'{name}relu{index}'] = nn.ReLU()
            return nn.Sequential(layers)

        for level in (1, 2, 3, 4):
            out = features * 2 ** (level - 1)
            setattr(self, f'encoder{level}', block(3 if level == 1 else out // 2, out, f'enc{level}'))
        self.bottleneck = block(8 * features, 16 * features, 'bottleneck')
        for level in (4, 3, 2, 1):
            out = features * 2 ** (level - 1)
            setattr(self, f'upconv{level}', nn.ConvTranspose2d(2 * out, out, 2, 2))
            setattr(self, f'decoder{level}', block(2 * out, out, f'dec{level}'))
        self.conv = nn.Conv2d(features, 1, 1)

    def forward(self, x):
        skips = []
        for level in (1, 2, 3, 4):
            x = getattr(self, f'encoder{level}')(x)
            skips.append(x)
            x = F.max_pool2d(x, 2)
        x = self.bottleneck(x)
        for level in (4, 3, 2, 1):
            x = torch.cat((getattr(self, f'upconv{level}')(x), skips.pop()), 1)
            x = getattr(self, f'decoder{level}')(x)
        return torch.sigmoid(self.conv(x))


class PaperUNet(nn.Module):
    """U-Net as in figure 1 of the paper: convolutions without padding, the middle of each skip."""

    def __init__(self, features=64):
        super().__init__()

        def block(channels, out):
            return nn.Sequential(nn.Conv2d(channels, out, 3), nn.ReLU(), nn.Conv2d(out, out, 3), nn.ReLU())

        for level in (1, 2, 3, 4, 5):
            out = features * 2 ** (level - 1)
            setattr(self, f'down{level}', block(1 if level == 1 else out // 2, out))
        for level in (4, 3, 2, 1):
            out = features * 2 ** (level - 1)
            setattr(self, f'up{level}', nn.ConvTranspose2d(2 * out, out, 2, 2))
            setattr(self, f'conv{level}', block(2 * out, out))
        self.head = nn.Conv2d(features, 2, 1)

    def forward(self, x):
        skips = []
        for level in (1, 2, 3, 4):
            x = getattr(self, f'down{level}')(x)
            skips.append(x)
            x = F.max_pool2d(x, 2)
        x = self.down5(x)
        for level in (4, 3, 2, 1):
            x, skip = getattr(self, f'up{level}')(x), skips.pop()
            height, width = x.shape[2:]
            top, left = (skip.shape[2] - height) // 2, (skip.shape[3] - width) // 2
            x = torch.cat((skip[:, :, top : top + height, left : left + width], x), 1)
            x = getattr(self, f'conv{level}')(x)
        return self.head(x)


class Segmenter(nn.Module):
    """The map of one of torchvision's segmenters, which give a dictionary."""

    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, x):
        return self.inner(x)['out']


class ChannelsLast(nn.Module):
    """A network whose input and output are NHWC, as converters from TensorFlow write it."""

    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, x):
        return self.inner(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)


def narrow(model, *layers):
    """The network with `layers` of 128 features in its head, whose weights are most of it."""
    for layer in layers:
        old = model.classifier[layer]
        features = old.in_features if layer == layers[0] else 128
        model.classifier[layer] = nn.Linear(features, 10 if layer == layers[-1] else 128)
    return model


def without_pooling(model):
    """At the sizes here the pool of VGG's head would enlarge a map, for which ONNX has no operator."""
    model.avgpool = nn.Identity()
    model.classifier[0] = nn.Linear(512 * 2 * 3, 128)
    return model


def segmenter(make):
    return Segmenter(make(weights=None, weights_backbone=None, num_classes=5))


# ---- what is exported ----------------------------------------------------------------------------------------------------

models, segmentation = torchvision.models, torchvision.models.segmentation
googlenet = lambda: models.googlenet(init_weights=False, aux_logits=False, transform_input=False)
lraspp = lambda: segmenter(segmentation.lraspp_mobilenet_v3_large)
deeplab = lambda: segmenter(segmentation.deeplabv3_mobilenet_v3_large)
CASES = {}


def case(name, make, shape, *, runs=True, fixed=False, opset=13, batch_norm='folded', step=1, output='logits'):
    """
    `shape` is what it is traced with and what its input is in the tests. Its batch, height and width are symbols in the file
    unless `fixed`; a network that does not run is there for its plan. Batch normalization is `folded` into the convolution
    before it, or `kept`, and then nothing else is folded either. Every `step`th number of the output is kept.
    """
    kept = batch_norm == 'kept'
    CASES[name] = dict(make=make, shape=shape, runs=runs, fixed=fixed, opset=opset, kept=kept, output=output, step=step)


case('mobilenet_v1', MobileNetV1, (1, 3, 96, 128))
case('mobilenet_v2', models.mobilenet_v2, (2, 3, 96, 64))
case('mobilenet_v2_bn', models.mobilenet_v2, (1, 3, 65, 97), batch_norm='kept')
case('mobilenet_v3_large', models.mobilenet_v3_large, (1, 3, 96, 128))
case('mobilenet_v3_small', models.mobilenet_v3_small, (1, 3, 96, 128))
case('mobilenet_v3_small_11', models.mobilenet_v3_small, (1, 3, 96, 128), opset=11)
case('mobilenet_v3_small_17', models.mobilenet_v3_small, (1, 3, 96, 128), opset=17)
case('shufflenet_v2', models.shufflenet_v2_x1_0, (1, 3, 96, 128))
case('shufflenet_v2_fixed_16', models.shufflenet_v2_x0_5, (2, 3, 64, 96), fixed=True, opset=16)
case('squeezenet', models.squeezenet1_1, (2, 3, 95, 127))
case('mnasnet', models.mnasnet1_0, (1, 3, 96, 128))
case('efficientnet_b0', models.efficientnet_b0, (1, 3, 96, 128))
case('regnet_x', models.regnet_x_400mf, (1, 3, 96, 128))
case('regnet_y', models.regnet_y_400mf, (1, 3, 96, 128))
case('resnet18', models.resnet18, (1, 3, 96, 128))
case('resnet18_bn', models.resnet18, (1, 3, 65, 97), batch_norm='kept')
case('resnet50', models.resnet50, (1, 3, 64, 96))
case('resnext50', models.resnext50_32x4d, (1, 3, 64, 96))
case('densenet121', models.densenet121, (1, 3, 64, 96))
case('googlenet', googlenet, (1, 3, 96, 128))
case('vgg11', lambda: without_pooling(narrow(models.vgg11(), 0, 3, 6)), (1, 3, 64, 96))
case('vgg11_bn', lambda: without_pooling(narrow(models.vgg11_bn(), 0, 3, 6)), (1, 3, 64, 96), batch_norm='kept')
case('vgg16', models.vgg16, (1, 3, 224, 224), fixed=True, runs=False)
case('alexnet', models.alexnet, (1, 3, 224, 224), fixed=True, runs=False)
case('alexnet_narrow', lambda: narrow(models.alexnet(), 1, 4, 6), (1, 3, 224, 224), fixed=True)
case('lraspp', lraspp, (1, 3, 65, 97), output='mask', step=7)
case('lraspp_nhwc_11', lambda: ChannelsLast(lraspp()), (1, 64, 96, 3), opset=11, output='mask', step=7)
case('deeplab_v3', deeplab, (1, 3, 209, 240), output='mask', step=53)
case('deeplab_v3_fixed_16', deeplab, (1, 3, 64, 96), fixed=True, opset=16, output='mask', step=7)
case('fcn_resnet50', lambda: segmenter(segmentation.fcn_resnet50), (1, 3, 64, 72), output='mask', step=7)
case('unet', UNet, (1, 3, 64, 96), output='mask', step=7)
case('unet_paper', PaperUNet, (1, 1, 572, 572), output='mask', runs=False)
case('unet_paper_narrow', lambda: PaperUNet(8), (1, 1, 188, 204), output='mask')


def symbols_of(model):
    """By axis of the input."""
    return {0: 'batch', 1: 'height', 2: 'width'} if isinstance(model, ChannelsLast) else {0: 'batch', 2: 'height', 3: 'width'}


def exported(model, image, *, fixed, opset, kept, output, **_):
    file = io.BytesIO()
    torch.onnx.export(
        model, image, file,
        opset_version=opset,
        input_names=['image'],
        output_names=[output],
        dynamic_axes=None if fixed else {'image': symbols_of(model), output: {0: 'batch'}},
        do_constant_folding=not kept,
        training=torch.onnx.TrainingMode.PRESERVE if kept else torch.onnx.TrainingMode.EVAL,
    )
    return onnx.load_from_string(file.getvalue())


def take_weights(proto):
    """Makes the operands of layers external data of a file that is not there, one after another; gives their shapes."""
    operands = {name for node in proto.graph.node if node.op_type in LAYERS for name in node.input[1:]}
    shapes, offset = {}, 0
    for tensor in proto.graph.initializer:
        if tensor.name not in operands:
            continue
        shapes[tensor.name] = tuple(tensor.dims)
        length = 4 * int(np.prod(tensor.dims))
        tensor.ClearField('raw_data')
        tensor.data_location = onnx.TensorProto.EXTERNAL
        for key, value in (('location', DATA_FILE), ('offset', offset), ('length', length)):
            tensor.external_data.add(key=key, value=str(value))
        offset += length
    return shapes


def difference(actual, expected):
    return float((actual - expected).norm() / expected.norm())


def write(name, options):
    """The file, and what torch makes of it; gives the entry of index.json."""
    model = options['make']().eval()
    for tensor, values in model.state_dict().items():
        if values.is_floating_point():
            values.copy_(seeded(tensor, tuple(values.shape)))
    image = image_of(options['shape'])
    proto = exported(model, image, **options)
    onnx.checker.check_model(proto)
    if options['runs']:
        error = difference(interpret(proto, image), model(image))
        assert error < 3e-5, f'{name}: the interpreter is {error} off what the network gives.'
    shapes = take_weights(proto)
    with open(f'{HERE}/{name}.onnx', 'wb') as file:
        file.write(proto.SerializeToString())
    entry = {'input': list(options['shape'])}
    if not options['fixed']:
        entry['sizes'] = {symbol: options['shape'][axis] for axis, symbol in symbols_of(model).items()}
    if options['runs']:
        output = interpret(proto, image, {tensor: seeded(tensor, shape) for tensor, shape in shapes.items()})
        entry |= {'output': list(output.shape), 'step': options['step']}
        output.flatten()[:: options['step']].numpy().astype('<f4').tofile(f'{HERE}/{name}.f32')
    print(name, os.path.getsize(f'{HERE}/{name}.onnx'), 'bytes,', sum(map(np.prod, shapes.values())), 'weights', flush=True)
    return entry


def main(names):
    path = f'{HERE}/index.json'
    index = json.load(open(path)) if os.path.exists(path) else {}
    with torch.no_grad():
        index |= {name: write(name, CASES[name]) for name in names or CASES}
    lines = [f'  {json.dumps(name)}: {json.dumps(index[name])}' for name in CASES if name in index]
    with open(path, 'w') as file:
        file.write('{\n' + ',\n'.join(lines) + '\n}\n')


if __name__ == '__main__':
    main(sys.argv[1:])
