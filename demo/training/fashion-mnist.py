#!/usr/bin/env python3
"""Trains the demo's own small classifiers on Fashion-MNIST.

  separable   MobileNet v1, alpha 0.25: depthwise 3x3 + pointwise 1x1, as published
  full        a standard 3x3 convolution in place of each such pair: the experiment of the paper's table 4
  densenet    DenseNet-BC: three blocks of five layers, each of which adds eight channels
  resnext     ResNeXt, 8x2d: three stages of two blocks, eight channels in the stem

    python3 fashion-mnist.py --kind separable           train, write the weights and the card, print the test accuracy
    python3 fashion-mnist.py --kind full
    python3 fashion-mnist.py --evaluate FOLDER                read what was written and count its mistakes
    python3 fashion-mnist.py --samples                        write two test pictures of each class as PNG files

Writes     <models>/fashion-mnist-<kind>/model.safetensors and card.json; <samples>/*.png and index.json.
Seed       1 unless --seed says otherwise. Same seed, threads and version of torch: same weights.
Data       Fashion-MNIST (Zalando Research, MIT licence), https://github.com/zalandoresearch/fashion-mnist;
           the four idx files of Debian's package dataset-fashion-mnist, or the same files in another folder (--data).
           The recipe was chosen by short rehearsals with --holdout 5000, which keeps the last 5,000 training pictures out of the
           training and prints their accuracy after each epoch. The test pictures are looked at after the last step only.
Papers     MobileNet https://arxiv.org/abs/1704.04861, DenseNet https://arxiv.org/abs/1608.06993,
           ResNeXt https://arxiv.org/abs/1611.05431, Fashion-MNIST https://arxiv.org/abs/1708.07747,
           batch norm https://arxiv.org/abs/1502.03167, cosine schedule https://arxiv.org/abs/1608.03983,
           label smoothing https://arxiv.org/abs/1512.00567, random erasing https://arxiv.org/abs/1708.04896.
Needs      PyTorch and NumPy (Debian's python3-torch and python3-numpy).
"""
import argparse, gzip, json, math, os, struct, time, zlib
from collections.abc import Callable
from dataclasses import dataclass
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from weights import as_float16, as_uint8, load_written, read_card, weights_of, write_card, write_weights

HERE = os.path.dirname(os.path.abspath(__file__))
PUBLIC = os.path.join(HERE, '..', 'public')
LABELS = ['T-shirt/top', 'Trouser', 'Pullover', 'Dress', 'Coat', 'Sandal', 'Shirt', 'Sneaker', 'Bag', 'Ankle boot']
SIZE, MEAN, STD, ALPHA = 64, 0.2860, 0.3530, 0.25


# ---- the networks ----------------------------------------------------------------------------------------

class MobileNetV1(nn.Module):
    """Table 1 of the paper, with the layer names and paddings of keras-applications: stride 2 pads right and bottom only."""
    rows = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2), (1024, 1)]  # channels, stride

    def __init__(self, separable, alpha=ALPHA, classes=10, channels=1):
        super().__init__()
        self.layers = []  # (name, stride)
        c = int(32 * alpha)
        self.add('conv1', channels, c, 3, 2)
        for k, (wide, stride) in enumerate(self.rows, 1):
            out = int(wide * alpha)
            if separable:
                self.add(f'conv_dw_{k}', c, c, 3, stride, groups=c)
                self.add(f'conv_pw_{k}', c, out, 1, 1)
            else:
                self.add(f'conv_{k}', c, out, 3, stride)
            c = out
        self.conv_preds = nn.Conv2d(c, classes, 1)

    def add(self, name, channels, out, kernel, stride, groups=1):
        padding = 1 if kernel == 3 and stride == 1 else 0
        conv = nn.Conv2d(channels, out, kernel, stride, padding, groups=groups, bias=False)
        nn.init.kaiming_normal_(conv.weight, mode='fan_in', nonlinearity='relu')
        setattr(self, name, conv)
        setattr(self, f'{name}_bn', nn.BatchNorm2d(out, eps=1e-3))
        self.layers.append((name, stride))

    def forward(self, x):
        for name, stride in self.layers:
            if stride == 2:
                x = F.pad(x, (0, 1, 0, 1))
            x = F.relu6(getattr(self, f'{name}_bn')(getattr(self, name)(x)))
        return self.conv_preds(x.mean((2, 3), keepdim=True)).flatten(1)


def convolution(channels, out, kernel, stride=1, groups=1):
    conv = nn.Conv2d(channels, out, kernel, stride, kernel // 2, groups=groups, bias=False)
    nn.init.kaiming_normal_(conv.weight, mode='fan_in', nonlinearity='relu')
    return conv


class DenseLayer(nn.Module):
    def __init__(self, channels, growth_rate):
        super().__init__()
        self.norm1, self.conv1 = nn.BatchNorm2d(channels), convolution(channels, 4 * growth_rate, 1)
        self.norm2, self.conv2 = nn.BatchNorm2d(4 * growth_rate), convolution(4 * growth_rate, growth_rate, 3)

    def forward(self, x):
        x = self.conv1(F.relu(self.norm1(x)))
        return self.conv2(F.relu(self.norm2(x)))


class DenseNet(nn.Module):
    """DenseNet-BC with the layer names of torchvision."""

    def __init__(self, growthRate, blocks, classes=10, inChannels=1, **_):
        super().__init__()
        c = 2 * growthRate
        self.features = nn.ModuleDict({'conv0': convolution(inChannels, c, 7, 2), 'norm0': nn.BatchNorm2d(c)})
        for k, layers in enumerate(blocks):
            if k > 0:
                self.features[f'transition{k}'] = nn.ModuleDict({'norm': nn.BatchNorm2d(c), 'conv': convolution(c, c // 2, 1)})
                c //= 2
            self.features[f'denseblock{k + 1}'] = nn.ModuleDict({
                f'denselayer{layer + 1}': DenseLayer(c + layer * growthRate, growthRate) for layer in range(layers)})
            c += layers * growthRate
        self.features['norm5'] = nn.BatchNorm2d(c)
        self.classifier = nn.Linear(c, classes)

    def forward(self, x):
        for name, part in self.features.items():
            if name.startswith('denseblock'):
                for layer in part.values():
                    x = torch.cat([x, layer(x)], 1)
            elif name.startswith('transition'):
                x = F.avg_pool2d(part['conv'](F.relu(part['norm'](x))), 2)
            elif name == 'norm0':
                x = F.max_pool2d(F.relu(part(x)), 3, 2, 1)
            else:
                x = part(x)
        return self.classifier(F.relu(x).mean((2, 3)))


class Bottleneck(nn.Module):
    def __init__(self, channels, width, out, groups, stride):
        super().__init__()
        self.conv1, self.bn1 = convolution(channels, width, 1), nn.BatchNorm2d(width)
        self.conv2, self.bn2 = convolution(width, width, 3, stride, groups), nn.BatchNorm2d(width)
        self.conv3, self.bn3 = convolution(width, out, 1), nn.BatchNorm2d(out)
        if stride > 1 or channels != out:
            self.downsample = nn.Sequential(convolution(channels, out, 1, stride), nn.BatchNorm2d(out))

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = F.relu(self.bn2(self.conv2(y)))
        return F.relu(self.bn3(self.conv3(y)) + (self.downsample(x) if hasattr(self, 'downsample') else x))


class ResNeXt(nn.Module):
    """With the layer names of torchvision."""

    def __init__(self, groups, widthPerGroup, filters, blocks, classes=10, inChannels=1, **_):
        super().__init__()
        c = filters
        self.conv1, self.bn1 = convolution(inChannels, c, 7, 2), nn.BatchNorm2d(c)
        self.stages = []
        for stage, count in enumerate(blocks):
            out, width = 4 * filters << stage, groups * widthPerGroup << stage
            made = []
            for block in range(count):
                made.append(Bottleneck(c, width, out, groups, 2 if stage > 0 and block == 0 else 1))
                c = out
            self.stages.append(f'layer{stage + 1}')
            setattr(self, self.stages[-1], nn.Sequential(*made))
        self.fc = nn.Linear(c, classes)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        for stage in self.stages:
            x = getattr(self, stage)(x)
        return self.fc(x.mean((2, 3)))


@dataclass(frozen=True)
class Kind:
    """What is trained by this name: the options are those of the engine's architecture."""
    name: str
    architecture: str
    options: dict
    epochs: int
    as_stored: Callable = as_float16


SHARED = {'classes': 10, 'inChannels': 1, 'inputSize': [SIZE, SIZE]}
KINDS = {
    'separable': Kind('MobileNet v1 0.25 64, Fashion-MNIST, separable convolutions', 'mobileNetV1', {'alpha': ALPHA, **SHARED}, 45),
    'full': Kind('MobileNet v1 0.25 64, Fashion-MNIST, standard convolutions', 'mobileNetV1', {'alpha': ALPHA, **SHARED, 'separable': False}, 20, as_uint8),
    'densenet': Kind('DenseNet-BC 5-5-5, growth rate 8, 64, Fashion-MNIST', 'denseNet', {'growthRate': 8, 'blocks': [5, 5, 5], **SHARED}, 9),
    'resnext': Kind('ResNeXt 2-2-2, 8x2d, 64, Fashion-MNIST', 'resNeXt', {'groups': 8, 'widthPerGroup': 2, 'filters': 8, 'blocks': [2, 2, 2], **SHARED}, 14)}


def network_of(architecture, options):
    if architecture == 'mobileNetV1':
        return MobileNetV1(options.get('separable', True))
    return {'denseNet': DenseNet, 'resNeXt': ResNeXt}[architecture](**options)


def parameters_of(model):
    """Weights, biases, and the scale and shift of batch norm; its running statistics are not trained."""
    return sum(p.numel() for p in model.parameters())


def multiply_adds_of(model):
    total = 0
    def count(conv, _, output):
        nonlocal total
        total += output.numel() * conv.weight[0].numel()
    hooks = [m.register_forward_hook(count) for m in model.modules() if isinstance(m, (nn.Conv2d, nn.Linear))]
    model.eval()
    with torch.no_grad():
        model(torch.zeros(1, 1, SIZE, SIZE))
    for hook in hooks:
        hook.remove()
    return total


# ---- the pictures ----------------------------------------------------------------------------------------

def read_split(folder, split):
    """(pictures [n,1,28,28] uint8, classes [n] int64) of 'train' or 't10k'."""
    def read(name):
        path = os.path.join(folder, name)
        with gzip.open(path + '.gz') if os.path.exists(path + '.gz') else open(path, 'rb') as file:
            return file.read()
    pictures = np.frombuffer(read(f'{split}-images-idx3-ubyte'), np.uint8, offset=16).reshape(-1, 1, 28, 28)
    classes = np.frombuffer(read(f'{split}-labels-idx1-ubyte'), np.uint8, offset=8)
    return torch.from_numpy(pictures.copy()), torch.from_numpy(classes.astype(np.int64))


def to_input(pictures):
    """28x28 bytes to what the network sees: bilinear with half-pixel centres on 0..255, then (v / 255 - mean) / std."""
    x = F.interpolate(pictures.float(), (SIZE, SIZE), mode='bilinear', align_corners=False)
    return ((x / 255 - MEAN) / STD).contiguous(memory_format=torch.channels_last)


def to_bytes(pictures):
    """Resized as the engine does it, and Pillow: along rows, then along columns, and rounded to bytes after each."""
    for size in [(28, SIZE), (SIZE, SIZE)]:
        pictures = (F.interpolate(pictures.float(), size, mode='bilinear', align_corners=False) + 0.5).floor()
    return pictures


def augment(pictures, shift, erase):
    """Each picture is shifted by up to `shift` pixels, perhaps mirrored, and perhaps loses a rectangle."""
    n, side = len(pictures), 28
    span = torch.arange(side)
    padded = F.pad(pictures, (shift, shift, shift, shift))
    rows = torch.randint(0, 2 * shift + 1, (n, 1)) + span
    columns = torch.randint(0, 2 * shift + 1, (n, 1)) + span
    mirrored = torch.rand(n, 1) < 0.5
    columns = torch.where(mirrored, columns.flip(1), columns)
    moved = padded[torch.arange(n)[:, None, None], 0, rows[:, :, None], columns[:, None, :]]
    def stripe():
        length = torch.randint(4, 13, (n, 1))
        start = (torch.rand(n, 1) * (side + 1 - length)).long()
        return (span >= start) & (span < start + length)
    hole = stripe()[:, :, None] & stripe()[:, None, :] & (torch.rand(n, 1, 1) < erase)
    noise = torch.randint(0, 256, (n, 1, 1), dtype=torch.uint8)
    return torch.where(hole, noise, moved)[:, None]


# ---- training --------------------------------------------------------------------------------------------

def logits_of(model, pictures, batch=250):
    model.eval()
    with torch.no_grad():
        return torch.cat([model(to_input(pictures[i:i + batch])) for i in range(0, len(pictures), batch)])


def train(model, pictures, classes, held_pictures, held_classes, epochs,
          batch=128, peak=0.3, decay=3e-4, smoothing=0.05, shift=2, erase=0.1):
    steps = len(pictures) // batch
    total, warm = epochs * steps, max(1, epochs * steps // 10)
    matrices = [p for p in model.parameters() if p.dim() > 1]
    vectors = [p for p in model.parameters() if p.dim() == 1]
    groups = [{'params': matrices, 'weight_decay': decay}, {'params': vectors, 'weight_decay': 0}]
    optimizer = torch.optim.SGD(groups, peak, momentum=0.9, nesterov=True)
    step, began = 0, time.time()
    for epoch in range(1, epochs + 1):
        model.train()
        order, seen, right, loss_sum = torch.randperm(len(pictures)), 0, 0, 0.0
        for k in range(steps):
            rate = peak * (step / warm if step < warm else 0.5 + 0.5 * math.cos(math.pi * (step - warm) / (total - warm)))
            for group in optimizer.param_groups:
                group['lr'] = rate
            chosen = order[k * batch:(k + 1) * batch]
            output = model(to_input(augment(pictures[chosen], shift, erase)))
            loss = F.cross_entropy(output, classes[chosen], label_smoothing=smoothing)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            step += 1
            seen += len(chosen)
            right += int((output.argmax(1) == classes[chosen]).sum())
            loss_sum += float(loss) * len(chosen)
        held = ''
        if len(held_pictures):
            held = f', held out {(logits_of(model, held_pictures).argmax(1) == held_classes).float().mean():.4f}'
        print(f'epoch {epoch}/{epochs}: loss {loss_sum / seen:.4f}, accuracy {right / seen:.4f} (augmented){held}, {time.time() - began:.0f} s', flush=True)


# ---- the weights -----------------------------------------------------------------------------------------

def write_model(model, kind, folder):
    stored = write_weights(folder, kind.as_stored(weights_of(model)))
    write_card(folder, {
        'schema': 1, 'name': kind.name,
        'task': 'classification', 'architecture': kind.architecture, 'options': kind.options,
        'weights': stored,
        'preprocess': {'fit': 'cover', 'mean': [MEAN], 'std': [STD]},
        'labels': LABELS, 'licence': 'MIT',
        'source': 'Trained on Fashion-MNIST (Zalando Research, https://github.com/zalandoresearch/fashion-mnist) by demo/training/fashion-mnist.py'})


def read_model(folder):
    """(card, model) as written."""
    card = read_card(folder)
    return card, load_written(network_of(card['architecture'], card['options']), folder, card)


# ---- commands --------------------------------------------------------------------------------------------

def evaluate(folder, data, logits_path):
    card, model = read_model(folder)
    pictures, classes = read_split(data, 't10k')
    logits = logits_of(model, pictures)
    wrong = logits.argmax(1) != classes
    right = int((~wrong).sum())
    print(card['name'])
    print(f'right {right} of {len(classes)}, accuracy {right / len(classes):.4f}')
    for k, label in enumerate(LABELS):
        print(f'  wrong {int(wrong[classes == k].sum()):4d} of {int((classes == k).sum())}  {label}')
    print(f'parameters {parameters_of(model):,}, multiply-adds {multiply_adds_of(model):,}')
    print(f'file {card["weights"]["bytes"]:,} bytes, sha256 {card["weights"]["sha256"]}', flush=True)
    if logits_path:
        named = dict(samples_among(classes))
        rows = logits_of(model, to_bytes(pictures[list(named.values())])).tolist()
        with open(logits_path, 'w') as file:
            lines = (f'    "{name}": {[round(value, 4) for value in row]}' for name, row in zip(named, rows))
            file.write(f'{{\n  "sha256": "{card["weights"]["sha256"]}",\n  "logits": {{\n' + ',\n'.join(lines) + '\n  }\n}\n')
    return card, right / len(classes)


def train_and_write(arguments):
    torch.manual_seed(arguments.seed)
    pictures, classes = read_split(arguments.data, 'train')
    kept = len(pictures) - arguments.holdout
    kind = KINDS[arguments.kind]
    model = network_of(kind.architecture, kind.options).to(memory_format=torch.channels_last)
    print(f'{arguments.kind}: parameters {parameters_of(model):,}, multiply-adds {multiply_adds_of(model):,}, {kept} pictures, seed {arguments.seed}', flush=True)
    train(model, pictures[:kept], classes[:kept], pictures[kept:], classes[kept:], arguments.epochs)
    if arguments.holdout:
        return  # a rehearsal: the test pictures stay unseen and nothing is written
    folder = os.path.join(arguments.models, f'fashion-mnist-{arguments.kind}')
    write_model(model, kind, folder)
    card, top1 = evaluate(folder, arguments.data, arguments.logits)
    write_card(folder, card | {'accuracy': {'dataset': 'Fashion-MNIST test, 10,000 pictures', 'top1': top1}})


def write_png(path, picture):
    """An 8-bit grey PNG: signature, header, one zlib stream of rows that each begin with filter 0, end."""
    height, width = picture.shape
    def chunk(kind, body):
        return struct.pack('>I', len(body)) + kind + body + struct.pack('>I', zlib.crc32(kind + body))
    rows = b''.join(b'\0' + row.tobytes() for row in picture)
    with open(path, 'wb') as file:
        file.write(b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', width, height, 8, 0, 0, 0, 0)) + chunk(b'IDAT', zlib.compress(rows, 9)) + chunk(b'IEND', b''))


def samples_among(classes):
    """(file, position) of the first two pictures of each class in the test file, whatever the networks make of them."""
    for k, label in enumerate(LABELS):
        word = {'T-shirt/top': 't-shirt'}.get(label, label.lower().replace(' ', '-'))
        for letter, position in zip('ab', torch.nonzero(classes == k).flatten()[:2].tolist()):
            yield f'{k}-{word}-{letter}.png', position


def write_samples(folder, data):
    os.makedirs(folder, exist_ok=True)
    pictures, classes = read_split(data, 't10k')
    index = []
    for name, position in samples_among(classes):
        index.append({'file': name, 'label': LABELS[classes[position]]})
        write_png(os.path.join(folder, name), pictures[position, 0].numpy())
    with open(os.path.join(folder, 'index.json'), 'w') as file:
        file.write('[\n' + ',\n'.join('  ' + json.dumps(entry) for entry in index) + '\n]\n')


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--kind', choices=list(KINDS), default='separable')
    parser.add_argument('--epochs', type=int, help='those of the table in README.md, unless given')
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--threads', type=int, default=1)
    parser.add_argument('--holdout', type=int, default=0, metavar='COUNT')
    parser.add_argument('--evaluate', metavar='FOLDER')
    parser.add_argument('--samples', action='store_true')
    parser.add_argument('--logits', metavar='FILE', help='also write the logits of the sample pictures as JSON')
    parser.add_argument('--data', default='/usr/share/datasets/fashion-mnist')
    parser.add_argument('--models', default=os.path.join(PUBLIC, 'models'), metavar='FOLDER')
    parser.add_argument('--pictures', default=os.path.join(PUBLIC, 'samples', 'fashion-mnist'), metavar='FOLDER', help='where --samples writes')
    arguments = parser.parse_args()
    if arguments.epochs is None:
        arguments.epochs = KINDS[arguments.kind].epochs
    torch.set_num_threads(arguments.threads)
    torch.set_flush_denormal(True)
    torch.use_deterministic_algorithms(True)
    if arguments.samples:
        write_samples(arguments.pictures, arguments.data)
    elif arguments.evaluate:
        evaluate(arguments.evaluate, arguments.data, arguments.logits)
    else:
        train_and_write(arguments)


if __name__ == '__main__':
    main()
