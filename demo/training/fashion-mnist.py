#!/usr/bin/env python3
"""Trains the demo's own small network: MobileNet v1, alpha 0.25, on Fashion-MNIST, in two kinds.

  separable   depthwise 3x3 + pointwise 1x1, as published
  full        a standard 3x3 convolution in place of each such pair: the experiment of the paper's table 4

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
Papers     MobileNet https://arxiv.org/abs/1704.04861, Fashion-MNIST https://arxiv.org/abs/1708.07747,
           batch norm https://arxiv.org/abs/1502.03167, cosine schedule https://arxiv.org/abs/1608.03983,
           label smoothing https://arxiv.org/abs/1512.00567, random erasing https://arxiv.org/abs/1708.04896.
Needs      PyTorch and NumPy (Debian's python3-torch and python3-numpy).
"""
import argparse, gzip, json, math, os, struct, time, zlib
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from weights import as_float16, as_uint8, load_written, read_card, weights_of, write_card, write_weights

HERE = os.path.dirname(os.path.abspath(__file__))
PUBLIC = os.path.join(HERE, '..', 'public')
LABELS = ['T-shirt/top', 'Trouser', 'Pullover', 'Dress', 'Coat', 'Sandal', 'Shirt', 'Sneaker', 'Bag', 'Ankle boot']
SIZE, MEAN, STD, ALPHA = 64, 0.2860, 0.3530, 0.25


# ---- the network -----------------------------------------------------------------------------------------

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


def parameters_of(model):
    """Weights, biases, and the scale and shift of batch norm; its running statistics are not trained."""
    return sum(p.numel() for p in model.parameters())


def multiply_adds_of(model):
    total = 0
    def count(conv, _, output):
        nonlocal total
        total += output.numel() * conv.weight[0].numel()
    hooks = [m.register_forward_hook(count) for m in model.modules() if isinstance(m, nn.Conv2d)]
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
    matrices = [p for p in model.parameters() if p.dim() == 4]
    vectors = [p for p in model.parameters() if p.dim() != 4]
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
    state = weights_of(model)
    stored = write_weights(folder, as_float16(state) if kind == 'separable' else as_uint8(state))
    options = {'alpha': ALPHA, 'classes': 10, 'inChannels': 1, 'inputSize': [SIZE, SIZE]}
    if kind == 'full':
        options['separable'] = False
    write_card(folder, {
        'schema': 1, 'name': f'MobileNet v1 0.25 64, Fashion-MNIST, {"separable" if kind == "separable" else "standard"} convolutions',
        'task': 'classification', 'architecture': 'mobileNetV1', 'options': options,
        'weights': stored,
        'preprocess': {'fit': 'cover', 'mean': [MEAN], 'std': [STD]},
        'labels': LABELS, 'licence': 'MIT',
        'source': 'Trained on Fashion-MNIST (Zalando Research, https://github.com/zalandoresearch/fashion-mnist) by demo/training/fashion-mnist.py'})


def read_model(folder):
    """(card, model) as written."""
    card = read_card(folder)
    return card, load_written(MobileNetV1(card['options'].get('separable', True)), folder, card)


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
        with open(logits_path, 'w') as file:
            json.dump({'sha256': card['weights']['sha256'], 'classes': classes[:32].tolist(), 'logits': logits_of(model, pictures[:32]).tolist()}, file)
    return card, right / len(classes)


def train_and_write(arguments):
    torch.manual_seed(arguments.seed)
    pictures, classes = read_split(arguments.data, 'train')
    kept = len(pictures) - arguments.holdout
    model = MobileNetV1(arguments.kind == 'separable').to(memory_format=torch.channels_last)
    print(f'{arguments.kind}: parameters {parameters_of(model):,}, multiply-adds {multiply_adds_of(model):,}, {kept} pictures, seed {arguments.seed}', flush=True)
    train(model, pictures[:kept], classes[:kept], pictures[kept:], classes[kept:], arguments.epochs)
    if arguments.holdout:
        return  # a rehearsal: the test pictures stay unseen and nothing is written
    folder = os.path.join(arguments.models, f'fashion-mnist-{arguments.kind}')
    write_model(model, arguments.kind, folder)
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


def write_samples(folder, data):
    """The first two pictures of each class in the test file, whatever the networks make of them."""
    os.makedirs(folder, exist_ok=True)
    pictures, classes = read_split(data, 't10k')
    index = []
    for k, label in enumerate(LABELS):
        word = {'T-shirt/top': 't-shirt'}.get(label, label.lower().replace(' ', '-'))
        for letter, position in zip('ab', torch.nonzero(classes == k).flatten()[:2].tolist()):
            index.append({'file': f'{k}-{word}-{letter}.png', 'label': label})
            write_png(os.path.join(folder, index[-1]['file']), pictures[position, 0].numpy())
    with open(os.path.join(folder, 'index.json'), 'w') as file:
        file.write('[\n' + ',\n'.join('  ' + json.dumps(entry) for entry in index) + '\n]\n')


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--kind', choices=['separable', 'full'], default='separable')
    parser.add_argument('--epochs', type=int, help='45 for separable and 20 for full, unless given')
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--threads', type=int, default=1)
    parser.add_argument('--holdout', type=int, default=0, metavar='COUNT')
    parser.add_argument('--evaluate', metavar='FOLDER')
    parser.add_argument('--samples', action='store_true')
    parser.add_argument('--logits', metavar='FILE', help='also write the logits of the first 32 test pictures as JSON')
    parser.add_argument('--data', default='/usr/share/datasets/fashion-mnist')
    parser.add_argument('--models', default=os.path.join(PUBLIC, 'models'), metavar='FOLDER')
    parser.add_argument('--pictures', default=os.path.join(PUBLIC, 'samples', 'fashion-mnist'), metavar='FOLDER', help='where --samples writes')
    arguments = parser.parse_args()
    if arguments.epochs is None:
        arguments.epochs = {'separable': 45, 'full': 20}[arguments.kind]
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
