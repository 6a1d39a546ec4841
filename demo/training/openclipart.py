#!/usr/bin/env python3
"""Trains the demo's own segmenter: a narrow U-Net that cuts a drawing out of its background, from very few drawings.

Six networks with one recipe: 30, 100 or 300 drawings, each with and without the skip connections.

    python3 openclipart.py --drawings 300                     train, write the weights and the card, print the held-out IoU
    python3 openclipart.py --drawings 300 --again             train on from there: the schedule's second cycle, which all six had
    python3 openclipart.py --drawings 30 --no-skips
    python3 openclipart.py --evaluate FOLDER                  read what was written and measure it on the held-out compositions
    python3 openclipart.py --held-out FOLDER                  write the held-out compositions and their masks as PNG files
    python3 openclipart.py --samples                          write the demo's sample pictures
    python3 openclipart.py --beforehand                       write what the networks of 300 drawings make of the samples, and the truth
    python3 openclipart.py --sheet FILE                       draw training and held-out compositions on one sheet, to look at

Writes     <models>/drawings-<count>[-no-skips]/model.safetensors and card.json; <samples>/*.png and index.json;
           <beforehand>/*-masks.webp and *-maps.webp, for visitors without a GPU.
Seed       1 unless --seed says otherwise. Same seed, threads and version of torch: same weights.
           The choice of drawings and the held-out compositions have seeds of their own and never change.
Data       The PNG files of Debian's package openclipart-png (Open Clip Art Library 0.18, public domain), or the same files in another
           folder (--data). Transparency gives the masks: a pixel is the drawing's where its opacity is above one half.
           The 30 drawings are among the 100, and these among the 300. 200 other drawings are held out, and 30 more are for
           rehearsals (--rehearse). Held-out results of the networks of 300 drawings were seen while the recipe was settled:
           outline drawings were then left out on both sides, and the second cycle (--again) was added.
IoU        Per picture, of the pixels with probability > 0.5 and those of the mask: their intersection over their union (1 if both
           are empty). "mean" averages it over the pictures; "pooled" divides the sums of intersections and unions.
Papers     U-Net https://arxiv.org/abs/1505.04597, batch norm https://arxiv.org/abs/1502.03167, Dice loss https://arxiv.org/abs/1606.04797,
           AdamW https://arxiv.org/abs/1711.05101, cosine schedule with restarts https://arxiv.org/abs/1608.03983,
           small pictures first https://arxiv.org/abs/2104.00298,
           cellular texture https://doi.org/10.1145/237170.237267, sums of smooth noise https://doi.org/10.1145/325165.325247.
           The layers, their names and their order are those of https://github.com/mateuszbuda/brain-segmentation-pytorch.
Needs      PyTorch, NumPy and Pillow (Debian's python3-torch, python3-numpy and python3-pil).
"""
import argparse, json, math, os, re, time
from collections import OrderedDict
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from PIL import Image
from weights import as_uint8, load_written, read_card, weights_of, write_card, write_weights

HERE = os.path.dirname(os.path.abspath(__file__))
PUBLIC = os.path.join(HERE, '..', 'public')
SIZE, FEATURES, MEAN, STD = 128, 8, [0.5, 0.5, 0.5], [0.5, 0.5, 0.5]


# ---- the network -----------------------------------------------------------------------------------------

class UpConv2x2(nn.ConvTranspose2d):
    """A transposed convolution of 2x2 with stride 2. Each result sees one input pixel only, so it is a pointwise convolution whose
    channels are then laid out as 2x2 pixels. PyTorch 1.13 leaves both to a plain matrix product on a CPU, which takes half of the whole
    step's time; with a second column of zeros the filter goes to oneDNN, whose time for it is small."""

    def __init__(self, channels, out):
        super().__init__(channels, out, 2, 2)

    def forward(self, x):
        weight = self.weight.permute(1, 2, 3, 0).reshape(4 * self.out_channels, self.in_channels, 1, 1)
        return F.pixel_shuffle(F.conv2d(F.pad(x, (0, 1)), F.pad(weight, (0, 1)), self.bias.repeat_interleave(4)), 2)


class UNet(nn.Module):
    """torch.hub's brain-segmentation U-Net. Without skips, a decoder sees the up-convolution's channels only."""

    def __init__(self, skips=True, features=FEATURES, channels=3):
        super().__init__()
        self.skips = skips
        for k in range(1, 5):
            setattr(self, f'encoder{k}', self.block(channels if k == 1 else features * 2 ** (k - 2), features * 2 ** (k - 1), f'enc{k}'))
        self.bottleneck = self.block(features * 8, features * 16, 'bottleneck')
        for k in (4, 3, 2, 1):
            wide = features * 2 ** (k - 1)
            setattr(self, f'upconv{k}', UpConv2x2(2 * wide, wide))
            setattr(self, f'decoder{k}', self.block(2 * wide if skips else wide, wide, f'dec{k}'))
        self.conv = nn.Conv2d(features, 1, 1)
        for module in self.modules():
            if isinstance(module, nn.Conv2d) and module.bias is None:
                nn.init.kaiming_normal_(module.weight, mode='fan_in', nonlinearity='relu')

    @staticmethod
    def block(channels, out, name):
        return nn.Sequential(OrderedDict([
            (f'{name}conv1', nn.Conv2d(channels, out, 3, padding=1, bias=False)), (f'{name}norm1', nn.BatchNorm2d(out)), (f'{name}relu1', nn.ReLU()),
            (f'{name}conv2', nn.Conv2d(out, out, 3, padding=1, bias=False)), (f'{name}norm2', nn.BatchNorm2d(out)), (f'{name}relu2', nn.ReLU())]))

    def forward(self, x, strengths=(1, 1, 1, 1), levels=None):
        """[n,3,h,w] to logits [n,1,h,w]; their sigmoid is the probability of the drawing. What a skip brings is multiplied by its
        strength, level 1 first. A list `levels` gets what each level holds at its end, down one path and up the other."""
        left, kept = [], [] if levels is None else levels
        for k in range(1, 5):
            x = getattr(self, f'encoder{k}')(x)
            left.append(x)
            x = F.max_pool2d(x, 2)
        x = self.bottleneck(x)
        kept += [*left, x]
        for k in (4, 3, 2, 1):
            x = getattr(self, f'upconv{k}')(x)
            if self.skips:
                x = torch.cat((x, strengths[k - 1] * left[k - 1]), 1)
            x = getattr(self, f'decoder{k}')(x)
            kept.append(x)
        return self.conv(x)


def parameters_of(model):
    """Weights, biases, and the scale and shift of batch norm; its running statistics are not trained."""
    return sum(p.numel() for p in model.parameters())


# ---- the drawings ----------------------------------------------------------------------------------------

# Things and animals. Not here: people (the library draws public figures, too), icons, stars, flags, symbols and religion.
FOLDERS = ['animals', 'buildings', 'computer/hardware', 'containers', 'education', 'electronics', 'food', 'office', 'plants',
           'people/clothing', 'recreation/holiday', 'recreation/music', 'recreation/party', 'recreation/sports', 'recreation/toys',
           'science', 'tools', 'transportation']
SHUNNED = ['tools/weapons', 'transportation/aiga-symbols', 'transportation/roadsigns']
TRAINING, HELD_OUT, REHEARSAL = 300, 200, 30
Image.MAX_IMAGE_PIXELS = None  # some of the library's files are vast; read_drawing passes over them before it decodes them
CANVAS = 160  # a drawing's longer side, as it is kept


def files_by_word(folder):
    """The library's files by the first word of their names: numbered variants of a drawing share it, as do drawings of one thing."""
    shunned = {name for place in SHUNNED for name in os.listdir(os.path.join(folder, place))}  # many of them lie in a folder above, too
    files = {}
    for top in FOLDERS:
        for place, _, names in os.walk(os.path.join(folder, top)):
            for name in names:
                path = os.path.join(place, name)
                inside = os.path.relpath(path, folder).replace(os.sep, '/')
                # A link is a second place of a drawing that is met in its first.
                if name.endswith('.png') and not os.path.islink(path) and name not in shunned:
                    words = re.findall('[a-z]+', name[:-len('.png')].lower())
                    files.setdefault(words[0] if words else name, []).append(inside)
    return {word: sorted(files[word]) for word in sorted(files)}


def read_drawing(path, side=CANVAS):
    """[4,side,side] of 0..255: red, green and blue times opacity, and opacity; trimmed and centred. None where it teaches nothing."""
    with Image.open(path) as file:
        if file.width * file.height > 3_000_000 or min(file.size) < 48:
            return None
        picture = file.convert('RGBA')
    box = picture.getchannel('A').point(lambda a: 255 if a > 12 else 0).getbbox()
    if box is None:
        return None
    picture = picture.crop(box)
    if max(picture.size) < 96 or min(picture.size) < 24:
        return None
    opacity = np.asarray(picture.getchannel('A'), np.float32) / 255
    solid, faint = (opacity > 0.5).mean(), ((opacity > 0.05) & (opacity < 0.95)).mean()
    # Nearly all opaque: a picture with its own background. Faint to a good part: glass or a shadow, whose mask is a matter of taste.
    if not 0.05 <= solid <= 0.80 or faint > 0.2 * solid:
        return None
    longest = max(picture.size)
    wide, high = (max(1, round(length * side / longest)) for length in picture.size)
    picture = picture.convert('RGBa').resize((wide, high), Image.Resampling.BOX if longest > side else Image.Resampling.BICUBIC)
    canvas = np.zeros((side, side, 4), np.uint8)
    top, left = (side - high) // 2, (side - wide) // 2
    canvas[top:top + high, left:left + wide] = np.asarray(picture)
    drawing = torch.from_numpy(canvas).permute(2, 0, 1).float()
    inked = (drawing[3] > 127).float()
    if enclosed(inked) > 0.12 * inked.sum():
        return None  # an outline drawing through which the background shows: its mask says that the inside of a book is no book
    # Eroded by two pixels to each side: what is left of thin lines is nothing, and a network of this size cannot find them at 128 pixels.
    if 1 - F.max_pool2d(1 - inked[None], 5, 1, 2).sum() / inked.sum() > 0.5:
        return None
    return drawing


def enclosed(inked):
    """How many pixels of [side,side] are not inked but cannot be reached from the border without crossing ink; in blocks of 2x2."""
    ink = F.max_pool2d(inked[None], 2)
    outside = F.pad(torch.zeros_like(ink[:, 1:-1, 1:-1]), (1, 1, 1, 1), value=1) * (1 - ink)
    while True:
        wider = torch.maximum(F.max_pool2d(outside, (1, 3), 1, (0, 1)), F.max_pool2d(outside, (3, 1), 1, (1, 0))) * (1 - ink)
        if torch.equal(wider, outside):
            return 4 * float((1 - ink - outside).sum())
        outside = wider


def looks_like(a, b):
    """Whether two thumbnails of 16x16 pixels show nearly the same."""
    return float((a - b).abs().mean()) < 9


def read_drawings(folder):
    """[(path, drawing)], the same for everybody: 300 for training, then 200 held out, then 30 for rehearsals. One at most for each first word."""
    rng = np.random.default_rng(20150518)
    words, chosen, thumbnails = files_by_word(folder), [], []
    for word in rng.permutation(sorted(words)):
        for path in rng.permutation(words[word]):
            drawing = read_drawing(os.path.join(folder, path))
            if drawing is None:
                continue
            thumbnail = F.avg_pool2d(drawing, CANVAS // 16)
            if any(looks_like(thumbnail, other) for other in thumbnails):
                continue
            chosen.append((str(path), drawing / 255))
            thumbnails.append(thumbnail)
            break
        if len(chosen) == TRAINING + HELD_OUT + REHEARSAL:
            return chosen
    raise SystemExit(f'Only {len(chosen)} of {TRAINING + HELD_OUT + REHEARSAL} drawings were found in {folder}.')


# ---- the backgrounds -------------------------------------------------------------------------------------
# Each takes (rng, size) and gives [3,size,size] of 0..1. Lengths are fractions of the side.

def colour(rng):
    """[3,1,1]: any colour, a pale one, a dark one, a grey or nearly white."""
    kind = rng.random()
    if kind < 0.4:
        c = rng.random(3)
    elif kind < 0.6:
        c = 1 - 0.45 * rng.random(3)
    elif kind < 0.75:
        c = 0.4 * rng.random(3)
    elif kind < 0.88:
        c = rng.random() + 0.06 * (rng.random(3) - 0.5)
    else:
        c = 1 - 0.1 * rng.random(3)
    return torch.tensor(np.clip(c, 0, 1), dtype=torch.float32)[:, None, None]


def neighbour(rng, c):
    """A colour near c, or any."""
    if rng.random() < 0.4:
        return colour(rng)
    return (c + torch.tensor(rng.normal(0, 0.13, 3), dtype=torch.float32)[:, None, None]).clamp(0, 1)


def mix(a, b, t):
    return a + (b - a) * t


def plane(rng, size):
    """(x, y), each [size,size]: coordinates about a random middle, turned by a random angle."""
    line = (torch.arange(size) + 0.5) / size
    y, x = torch.meshgrid(line - rng.random(), line - rng.random(), indexing='ij')
    angle = rng.choice([0, math.pi / 2, math.pi / 4]) if rng.random() < 0.4 else rng.uniform(0, math.pi)
    return x * math.cos(angle) + y * math.sin(angle), y * math.cos(angle) - x * math.sin(angle)


def smooth(rng, size, cells, channels=1):
    """[channels,size,size] of about -1..1, smooth over 1 / cells of the side."""
    grid = torch.tensor(rng.normal(0, 0.6, (1, channels, cells + 1, cells + 1)), dtype=torch.float32)
    return F.interpolate(grid, (size, size), mode='bicubic', align_corners=True)[0]


def cloud(rng, size, channels=1):
    """[channels,size,size] of about -1..1: smooth noise at several scales."""
    first, falloff = int(rng.integers(1, 7)), rng.uniform(0.3, 0.8)
    octaves = [cells for cells in (first * 2 ** k for k in range(5)) if cells <= size // 2]
    return sum(smooth(rng, size, cells, channels) * falloff ** k for k, cells in enumerate(octaves)) * (1 - falloff) * 1.6


def edge(x, width):
    """A step from 0 to 1 at 0, over `width`."""
    return (x / width + 0.5).clamp(0, 1)


def wave(x, period, share, size):
    """1 on `share` of each period, else 0, with edges about a pixel wide."""
    return edge((share / 2 - (x / period - torch.floor(x / period) - 0.5).abs()) * period, 1 / size)


def plain(rng, size):
    return colour(rng).expand(3, size, size).clone()


def gradient(rng, size):
    x, y = plane(rng, size)
    a = colour(rng)
    t = (x * rng.uniform(0.7, 2) + 0.5) if rng.random() < 0.6 else (x * x + y * y).sqrt() * rng.uniform(0.8, 2)
    return mix(a, neighbour(rng, a), t.clamp(0, 1))


def stripes(rng, size):
    x, y = plane(rng, size)
    a = colour(rng)
    b, period = neighbour(rng, a), math.exp(rng.uniform(math.log(0.03), math.log(0.5)))
    if rng.random() < 0.4:
        x = x + rng.uniform(0.01, 0.1) * torch.sin(y * rng.uniform(4, 30))
    t = torch.sin(x * 2 * math.pi / period) / 2 + 0.5 if rng.random() < 0.25 else wave(x, period, rng.uniform(0.1, 0.9), size)
    picture = mix(a, b, t)
    if rng.random() < 0.3:
        picture = mix(picture, colour(rng), wave(x, period * int(rng.integers(2, 4)), rng.uniform(0.1, 0.4), size))
    return picture


def checks(rng, size):
    x, y = plane(rng, size)
    a, period = colour(rng), math.exp(rng.uniform(math.log(0.06), math.log(0.6)))
    b = neighbour(rng, a)
    p, q = wave(x, period, 0.5, size), wave(y, period, 0.5, size)
    return mix(a, b, p + q - 2 * p * q if rng.random() < 0.6 else (p + q) / 2)  # a board, or gingham


def dots(rng, size):
    x, y = plane(rng, size)
    a, period = colour(rng), math.exp(rng.uniform(math.log(0.05), math.log(0.4)))
    if rng.random() < 0.5:
        x = x + period / 2 * (torch.floor(y / period) % 2)
    u, v = (x / period) % 1 - 0.5, (y / period) % 1 - 0.5
    return mix(a, neighbour(rng, a), edge((rng.uniform(0.1, 0.48) - (u * u + v * v).sqrt()) * period, 1 / size))


def ruled(rng, size):
    """Paper with lines, squares or bricks."""
    x, y = plane(rng, size)
    a, period, share = colour(rng), math.exp(rng.uniform(math.log(0.05), math.log(0.35))), rng.uniform(0.04, 0.2)
    b, kind = neighbour(rng, a), rng.random()
    t = wave(y, period, share, size)
    if kind < 0.35:
        t = torch.maximum(t, wave(x, period, share, size))
    elif kind < 0.7:
        t = torch.maximum(t, wave(x + period * (torch.floor(y / period) % 2), 2 * period, share / 2, size))
    return mix(a, b, t)


def clouds(rng, size):
    if rng.random() < 0.3:
        return (colour(rng) + rng.uniform(0.1, 0.5) * cloud(rng, size, 3)).clamp(0, 1)
    a = colour(rng)
    return mix(a, neighbour(rng, a), (cloud(rng, size) * rng.uniform(0.6, 1.6) + 0.5).clamp(0, 1))


def blotches(rng, size):
    """Smooth noise cut at one or two levels: camouflage, a cow's hide, a map."""
    field, picture = cloud(rng, size)[0], plain(rng, size)
    for level in sorted(rng.uniform(-0.4, 0.4, int(rng.integers(1, 3)))):
        picture = mix(picture, neighbour(rng, picture.mean((1, 2), keepdim=True)), edge(field - level, 0.02))
    return picture


def grain(rng, size):
    """Wood or marble: stripes bent by smooth noise."""
    x, y = plane(rng, size)
    a = colour(rng)
    t = torch.sin((x + 0.1 * y) * rng.uniform(8, 60) + rng.uniform(1, 6) * smooth(rng, size, int(rng.integers(2, 6)))[0])
    return mix(a, neighbour(rng, a), t / 2 + 0.5)


def cells(rng, size):
    """Each pixel has the colour of the nearest of some points: a mosaic, stones."""
    x, y = plane(rng, size)
    count = int(rng.integers(4, 40))
    points = torch.tensor(rng.uniform(-1, 1, (count, 2)), dtype=torch.float32)
    distance = (x[None] - points[:, :1, None]) ** 2 + (y[None] - points[:, 1:, None]) ** 2
    a = colour(rng)
    palette = torch.cat([neighbour(rng, a)[None, :, 0, 0] for _ in range(count)])
    near, which = distance.topk(2, 0, largest=False)
    picture = palette[which[0]].permute(2, 0, 1)
    if rng.random() < 0.3:
        picture = mix(colour(rng), picture, edge(near[1].sqrt() - near[0].sqrt() - rng.uniform(0.01, 0.06), 0.02))
    return picture


def strokes(rng, size):
    """A few straight strokes over another background."""
    picture = rng.choice([plain, gradient, clouds])(rng, size)
    for _ in range(int(rng.integers(2, 9))):
        x, y = plane(rng, size)
        length = rng.uniform(0.1, 1.2)
        off = torch.maximum((x.abs() - length).clamp(min=0), torch.zeros(())) ** 2 + y ** 2
        picture = mix(picture, colour(rng), edge(rng.uniform(0.004, 0.03) - off.sqrt(), 1 / size))
    return picture


def horizon(rng, size):
    """Two backgrounds that meet along a line: a table before a wall, a field under the sky."""
    x, _ = plane(rng, size)
    return mix(texture(rng, size), texture(rng, size), edge(x + 0.2 * rng.normal(), 1 / size))


def veil(rng, size):
    """One texture seen through another."""
    return mix(texture(rng, size), texture(rng, size), rng.uniform(0.2, 0.8))


TEXTURES = [plain, gradient, stripes, checks, dots, ruled, clouds, blotches, grain, cells, strokes]


def texture(rng, size):
    return TEXTURES[int(rng.integers(len(TEXTURES)))](rng, size)


def background(rng, size):
    kind = rng.random()
    picture = horizon(rng, size) if kind < 0.12 else veil(rng, size) if kind < 0.24 else texture(rng, size)
    if rng.random() < 0.4:
        picture = picture * (1 + rng.uniform(0.05, 0.3) * smooth(rng, size, int(rng.integers(1, 4))))
    return picture.clamp(0, 1)


# ---- compositions ----------------------------------------------------------------------------------------

def placed(rng, drawing, size, strong):
    """The drawing turned, scaled, mirrored and moved: [4,size,size]."""
    share = rng.uniform(0.4, 1.1) if strong else rng.uniform(0.5, 0.95)  # its longer side, as part of the picture's
    angle = math.radians(rng.normal(0, 25) if rng.random() < 0.7 else rng.uniform(-180, 180)) if strong else math.radians(rng.uniform(-15, 15))
    stretch = math.exp(rng.normal(0, 0.12)) if strong else 1
    mirror = (1 if rng.random() < 0.5 else -1) if strong else 1
    room = max(0.0, 1 - share) + (0.25 if strong else 0)
    dx, dy = rng.uniform(-room, room, 2)
    c, s = math.cos(angle) / share, math.sin(angle) / share
    to_drawing = torch.tensor([[mirror * stretch * c, mirror * stretch * s, 0], [-s / stretch, c / stretch, 0]])
    to_drawing[:, 2] = -to_drawing[:, :2] @ torch.tensor([dx, dy], dtype=torch.float32)
    source = drawing[None]
    while source.shape[-1] >= 2 * share * size:  # bilinear samples see four pixels each, so a drawing must not shrink by more than two
        source = F.avg_pool2d(source, 2)
    grid = F.affine_grid(to_drawing[None].float(), (1, 4, size, size), align_corners=False)
    return F.grid_sample(source, grid, mode='bilinear', padding_mode='zeros', align_corners=False)[0]


def recoloured(rng, layer):
    """Hue, saturation, contrast, brightness, channel order: one linear map, so colours may stay multiplied by opacity."""
    rgb, opacity = layer[:3], layer[3:]
    if rng.random() < 0.15:
        rgb = rgb[torch.from_numpy(rng.permutation(3))]
    if rng.random() < 0.07:
        rgb = opacity - rgb
    if rng.random() < 0.7:
        # A turn about the grey axis by Rodrigues' formula, then a stretch away from it.
        turn = rng.uniform(-math.pi, math.pi) if rng.random() < 0.4 else rng.normal(0, 0.3)
        saturation, third = rng.uniform(0.3, 1.6), math.sqrt(1 / 3)
        axis = np.array([[0, -third, third], [third, 0, -third], [-third, third, 0]])
        grey = np.full((3, 3), 1 / 3)
        matrix = grey + saturation * (math.cos(turn) * (np.eye(3) - grey) + math.sin(turn) * axis)
        rgb = (torch.tensor(matrix, dtype=torch.float32) @ rgb.flatten(1)).view_as(rgb)
    contrast, shift = rng.uniform(0.55, 1.3), rng.normal(0, 0.12)
    rgb = (rgb - opacity / 2) * contrast + opacity * (0.5 + shift)
    return torch.cat((torch.minimum(rgb.clamp(min=0), opacity), opacity))


def photographed(rng, picture):
    """Gamma, a soft lens and noise."""
    if rng.random() < 0.4:
        picture = picture.clamp(0, 1) ** math.exp(rng.normal(0, 0.3))
    if rng.random() < 0.3:
        tap = rng.uniform(0.05, 0.33)
        line = torch.tensor([tap, 1 - 2 * tap, tap], dtype=torch.float32)
        picture = F.conv2d(F.pad(picture[:, None], (1, 1, 1, 1), mode='replicate'), (line[:, None] * line)[None, None])[:, 0]
    if rng.random() < 0.4:
        picture = picture + torch.from_numpy(rng.standard_normal(picture.shape, np.float32)) * rng.uniform(0.005, 0.06)
    return picture


def compose(rng, drawing, size=SIZE, strong=True):
    """(picture [3,size,size] uint8, mask [size,size] bool). Not strong: the drawing keeps its colours and stands nearly upright."""
    layer = placed(rng, drawing, size, strong)
    if strong:
        layer = recoloured(rng, layer)
    picture = layer[:3] + (1 - layer[3:]) * background(rng, size)
    if strong:
        picture = photographed(rng, picture)
    return (picture * 255).round().clamp(0, 255).to(torch.uint8), layer[3] > 0.5


def compositions(drawings, seed):
    """One fixed composition of each drawing: (pictures [n,3,s,s] uint8, masks [n,s,s] bool)."""
    pairs = [compose(np.random.default_rng([seed, k]), drawing, strong=False) for k, (_, drawing) in enumerate(drawings)]
    return torch.stack([picture for picture, _ in pairs]), torch.stack([mask for _, mask in pairs])


def held_out(drawings):
    return compositions(drawings[TRAINING:TRAINING + HELD_OUT], 1505)


def to_input(pictures):
    mean, std = (torch.tensor(v)[:, None, None] for v in (MEAN, STD))
    return ((pictures.float() / 255 - mean) / std).contiguous(memory_format=torch.channels_last)


# ---- training --------------------------------------------------------------------------------------------

def intersection_over_union(model, pictures, masks, batch=25):
    """(mean, pooled, [n]) over the pictures."""
    model.eval()
    both, either = [], []
    with torch.no_grad():
        for i in range(0, len(pictures), batch):
            found = torch.sigmoid(model(to_input(pictures[i:i + batch])))[:, 0] > 0.5
            both.append((found & masks[i:i + batch]).sum((1, 2)))
            either.append((found | masks[i:i + batch]).sum((1, 2)))
    both, either = torch.cat(both).double(), torch.cat(either).double()
    each = torch.where(either > 0, both / either.clamp(min=1), torch.ones_like(either))
    return float(each.mean()), float(both.sum() / either.sum()), each


def loss_of(logits, masks):
    """Cross entropy of each pixel plus one minus the Dice coefficient of each picture."""
    target = masks[:, None].float()
    probability = torch.sigmoid(logits)
    dice = (2 * (probability * target).sum((1, 2, 3)) + 1) / (probability.sum((1, 2, 3)) + target.sum((1, 2, 3)) + 1)
    return F.binary_cross_entropy_with_logits(logits, target) + (1 - dice).mean()


def batch_of(rng, drawings, count, size=SIZE):
    pairs = [compose(rng, drawings[int(rng.integers(len(drawings)))][1], size) for _ in range(count)]
    return torch.stack([picture for picture, _ in pairs]), torch.stack([mask for _, mask in pairs])


def settle(model, rng, drawings, batch, batches=80):
    """The exact averages of batch norm's statistics for the final weights, in place of ones that trail behind."""
    norms = [module for module in model.modules() if isinstance(module, nn.BatchNorm2d)]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None
    model.train()
    with torch.no_grad():
        for _ in range(batches):
            model(to_input(batch_of(rng, drawings, batch)[0]))


def train(model, drawings, watched, steps, rng, batch, peak, decay=0.01):
    warm = max(1, steps // 20)
    matrices = [p for p in model.parameters() if p.dim() == 4]
    vectors = [p for p in model.parameters() if p.dim() != 4]
    groups = [{'params': matrices, 'weight_decay': decay}, {'params': vectors, 'weight_decay': 0}]
    optimizer = torch.optim.AdamW(groups, peak)
    loss_sum, count, making, began = 0.0, 0, 0.0, time.time()
    for step in range(steps):
        rate = peak * ((step + 1) / warm if step < warm else 0.5 + 0.5 * math.cos(math.pi * (step - warm) / (steps - warm)))
        for group in optimizer.param_groups:
            group['lr'] = rate
        model.train()
        start = time.time()
        # Three fifths of the steps see smaller pictures, for half the time each.
        pictures, masks = batch_of(rng, drawings, batch, SIZE * 3 // 4 if step < 0.6 * steps else SIZE)
        making += time.time() - start
        loss = loss_of(model(to_input(pictures)), masks)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        loss_sum, count = loss_sum + float(loss), count + 1
        if (step + 1) % 250 == 0 or step + 1 == steps:
            held = f', IoU {intersection_over_union(model, *watched)[0]:.4f}' if watched else ''
            print(f'step {step + 1}/{steps}: loss {loss_sum / count:.4f}{held}, {time.time() - began:.0f} s ({making:.0f} composing)', flush=True)
            loss_sum, count = 0.0, 0
    settle(model, rng, drawings, batch)


# ---- the weights -----------------------------------------------------------------------------------------

def write_model(model, count, folder):
    options = {'inChannels': 3, 'classes': 1, 'features': FEATURES, 'inputSize': [SIZE, SIZE]}
    if not model.skips:
        options['skips'] = False
    write_card(folder, {
        'schema': 1, 'name': f'U-Net {FEATURES} {SIZE}, {count} drawings{"" if model.skips else ", no skips"}',
        'task': 'segmentation', 'architecture': 'uNet', 'options': options,
        'weights': write_weights(folder, as_uint8(weights_of(model))),
        'preprocess': {'fit': 'fill', 'mean': MEAN, 'std': STD},
        'labels': ['drawing'], 'licence': 'MIT',
        'source': f'Trained on {count} drawings of the Open Clip Art Library (public domain; Debian\'s openclipart-png) by demo/training/openclipart.py'})


def read_model(folder):
    """(card, model) as written."""
    card = read_card(folder)
    return card, load_written(UNet(card['options'].get('skips', True)), folder, card)


# ---- commands --------------------------------------------------------------------------------------------

def evaluate(folder, drawings):
    card, model = read_model(folder)
    pictures, masks = held_out(drawings)
    mean, pooled, each = intersection_over_union(model, pictures, masks)
    print(card['name'])
    print(f'IoU mean {mean:.4f}, pooled {pooled:.4f}, median {float(each.median()):.4f}, worst {float(each.min()):.4f}, of {len(each)} held-out compositions')
    print(f'parameters {parameters_of(model):,}')
    print(f'file {card["weights"]["bytes"]:,} bytes, sha256 {card["weights"]["sha256"]}', flush=True)
    return card, mean, pooled


def train_and_write(arguments):
    drawings = read_drawings(arguments.data)
    torch.manual_seed(arguments.seed)
    folder = os.path.join(arguments.models, f'drawings-{arguments.drawings}{"-no-skips" if arguments.no_skips else ""}')
    if arguments.again:
        _, model = read_model(folder)
    else:
        model = UNet(not arguments.no_skips).to(memory_format=torch.channels_last)
    known = drawings[:arguments.drawings]
    print(f'{arguments.drawings} drawings, {"no " if arguments.no_skips else ""}skips: parameters {parameters_of(model):,}, '
          f'{arguments.steps} steps of {arguments.batch}, rate {arguments.rate}, seed {arguments.seed}', flush=True)
    watched = compositions(drawings[TRAINING + HELD_OUT:], 60) if arguments.rehearse else None
    rng = np.random.default_rng([arguments.seed, 2] if arguments.again else arguments.seed)
    train(model, known, watched, arguments.steps, rng, arguments.batch, arguments.rate)
    if watched:
        print(f'settled: IoU {intersection_over_union(model, *watched)[0]:.4f} of the rehearsal\'s drawings')
        return  # the held-out drawings stay unseen and nothing is written
    print(f'before rounding to eight bits: IoU mean {intersection_over_union(model, *held_out(drawings))[0]:.4f}')
    write_model(model, arguments.drawings, folder)
    card, mean, pooled = evaluate(folder, drawings)
    write_card(folder, card | {'accuracy': {'dataset': '200 held-out drawings, composed at 128x128', 'meanIoU': round(mean, 4), 'pooledIoU': round(pooled, 4)}})


def write_index(folder, entries):
    with open(os.path.join(folder, 'index.json'), 'w') as file:
        file.write('[\n' + ',\n'.join('  ' + json.dumps(entry) for entry in entries) + '\n]\n')


def write_held_out(folder, drawings):
    os.makedirs(folder, exist_ok=True)
    entries = []
    for k, (picture, mask) in enumerate(zip(*held_out(drawings))):
        entries.append({'picture': f'{k:03d}.png', 'mask': f'{k:03d}-mask.png', 'drawing': drawings[TRAINING + k][0]})
        Image.fromarray(picture.permute(1, 2, 0).numpy()).save(os.path.join(folder, entries[-1]['picture']))
        Image.fromarray(mask.numpy().astype(np.uint8) * 255).save(os.path.join(folder, entries[-1]['mask']))
    write_index(folder, entries)


# Held-out drawings: (name, drawing, background, the background's seed). The seeds were chosen by eye, for the background alone.
SAMPLES = [
    ('lion', 'animals/mammals/big_cats/leone_01_architetto_fran_01.png', checks, 33),
    ('toadstool', 'plants/mushroom.png', stripes, 1),
    ('castle', 'buildings/ch_teau-fort_01.png', clouds, 6),
    ('pineapple', 'food/fruit/pineapple.png', dots, 17),
    ('beagle', 'animals/mammals/dogs/beagle_copper_ganson.png', checks, 18),
    ('umbrella', 'tools/umbrella.png', grain, 15),
    ('snowman', 'recreation/holiday/snowman_01.png', dots, 28),
    ('tractor', 'transportation/vehicles/trattore_architetto_fran_01.png', gradient, 22),
]


def sample_layer(k, data, side):
    """[4,side,side]: the drawing of a sample where it lies, its colours multiplied by opacity."""
    return placed(np.random.default_rng([1505, k]), read_drawing(os.path.join(data, SAMPLES[k][1]), side) / 255, side, strong=False)


def write_samples(folder, data, side=300):
    os.makedirs(folder, exist_ok=True)
    aside = {path for path, _ in read_drawings(data)[TRAINING:TRAINING + HELD_OUT]}
    entries = []
    for k, (name, path, behind, seed) in enumerate(SAMPLES):
        assert path in aside, path
        layer = sample_layer(k, data, side)
        picture = layer[:3] + (1 - layer[3:]) * behind(np.random.default_rng(seed), side)
        entries.append({'file': f'{name}.png', 'label': name.capitalize(), 'source': f'Open Clip Art Library 0.18, {path} (public domain)'})
        shown = (picture * 255).round().clamp(0, 255).to(torch.uint8).permute(1, 2, 0).numpy()
        Image.fromarray(shown).save(os.path.join(folder, entries[-1]['file']), optimize=True)
    write_index(folder, entries)


def write_beforehand(folder, models, pictures, data, columns=6, side=300, shown=64):
    """For each sample, tiles of 128x128: the truth, the mask of the network without skips, and those of the other one with some of its
    skips cut: the tile 2 + n has the skip of level k where the bit k - 1 of n is set. And the first eight maps of each level, in two
    rows, with all skips; each is divided by its largest value."""
    os.makedirs(folder, exist_ok=True)
    _, trained = read_model(os.path.join(models, f'drawings-{TRAINING}'))
    _, never = read_model(os.path.join(models, f'drawings-{TRAINING}-no-skips'))
    trained.eval(), never.eval()
    as_bytes = lambda values: (values * 255).round().clamp(0, 255).to(torch.uint8)
    for k, (name, *_) in enumerate(SAMPLES):
        with Image.open(os.path.join(pictures, f'{name}.png')) as file:
            picture = np.asarray(file.convert('RGB').resize((SIZE, SIZE), Image.Resampling.BILINEAR), np.float32) / 255
        x = ((torch.from_numpy(picture) - torch.tensor(MEAN)) / torch.tensor(STD)).permute(2, 0, 1)[None]
        truth = F.interpolate(sample_layer(k, data, side)[None, 3:], (SIZE, SIZE), mode='area')
        levels = []
        with torch.no_grad():
            masks = [(truth > 0.5).float(), never(x).sigmoid()]
            masks += [trained(x, [n >> bit & 1 for bit in range(4)]).sigmoid() for n in range(16)]
            trained(x, levels=levels)
        tiles = as_bytes(torch.cat(masks)[:, 0])
        rows = [torch.cat(list(tiles[i:i + columns]), 1) for i in range(0, len(tiles), columns)]
        Image.fromarray(torch.cat(rows).numpy()).save(os.path.join(folder, f'{name}-masks.webp'), quality=75, method=6)
        grids = []
        for level in levels:
            maps = level[:, :8] / level[:, :8].amax((2, 3), keepdim=True).clamp(min=1e-12)
            maps = as_bytes(F.interpolate(maps, (shown, shown), mode='area' if level.shape[-1] > shown else 'nearest')[0])
            grids += [torch.cat(list(row), 1) for row in maps.split(4)]
        Image.fromarray(torch.cat(grids).numpy()).save(os.path.join(folder, f'{name}-maps.webp'), quality=50, method=6)
        overlaps = [float((torch.minimum(m > 0.5, masks[0] > 0.5).sum() / torch.maximum(m > 0.5, masks[0] > 0.5).sum())) for m in masks]
        print(f'{name}: IoU with all skips {overlaps[-1]:.3f}, with none {overlaps[2]:.3f}, trained without {overlaps[1]:.3f}', flush=True)


def write_sheet(path, drawings, columns=16):
    """Training compositions above, held-out ones below."""
    rng = np.random.default_rng(7)
    pictures, masks = batch_of(rng, drawings[:TRAINING], 5 * columns)
    fixed, fixed_masks = held_out(drawings)
    tiles = torch.cat((pictures, fixed[:5 * columns])).float()
    shown = torch.cat((masks, fixed_masks[:5 * columns]))
    outline = F.max_pool2d(shown[:, None].float(), 3, 1, 1) - shown[:, None].float()
    tiles = mix(tiles, torch.tensor([255., 0, 255])[:, None, None], outline).to(torch.uint8)
    rows = [torch.cat(list(tiles[i:i + columns]), 2) for i in range(0, len(tiles), columns)]
    Image.fromarray(torch.cat(rows, 1).permute(1, 2, 0).numpy()).save(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--drawings', type=int, choices=[30, 100, 300], default=300)
    parser.add_argument('--no-skips', action='store_true')
    parser.add_argument('--again', action='store_true', help='begin with the weights that were written')
    parser.add_argument('--steps', type=int, help='5500, or 4500 with --again, unless given')
    parser.add_argument('--batch', type=int, default=8)
    parser.add_argument('--rate', type=float, help='the highest learning rate: 0.003, or 0.002 with --again, unless given')
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--threads', type=int, default=1)
    parser.add_argument('--rehearse', action='store_true')
    parser.add_argument('--evaluate', metavar='FOLDER')
    parser.add_argument('--held-out', metavar='FOLDER')
    parser.add_argument('--samples', action='store_true')
    parser.add_argument('--beforehand', action='store_true')
    parser.add_argument('--sheet', metavar='FILE')
    parser.add_argument('--data', default='/usr/share/openclipart/png')
    parser.add_argument('--models', default=os.path.join(PUBLIC, 'models'), metavar='FOLDER')
    parser.add_argument('--pictures', default=os.path.join(PUBLIC, 'samples', 'drawings'), metavar='FOLDER', help='where --samples writes')
    arguments = parser.parse_args()
    if arguments.steps is None:
        arguments.steps = 4500 if arguments.again else 5500
    if arguments.rate is None:
        arguments.rate = 2e-3 if arguments.again else 3e-3
    torch.set_num_threads(arguments.threads)
    torch.set_flush_denormal(True)
    torch.use_deterministic_algorithms(True)
    if arguments.sheet:
        write_sheet(arguments.sheet, read_drawings(arguments.data))
    elif arguments.beforehand:
        folder = os.path.join(PUBLIC, 'samples', 'beforehand', 'drawings')
        write_beforehand(folder, arguments.models, arguments.pictures, arguments.data)
    elif arguments.samples:
        write_samples(arguments.pictures, arguments.data)
    elif arguments.held_out:
        write_held_out(arguments.held_out, read_drawings(arguments.data))
    elif arguments.evaluate:
        evaluate(arguments.evaluate, read_drawings(arguments.data))
    else:
        train_and_write(arguments)


if __name__ == '__main__':
    main()
