"""Safetensors files and model cards, as the engine's loader reads them; shared by the scripts beside this one.

Format     https://github.com/huggingface/safetensors#format
"""
import hashlib, json, os, struct
import numpy as np
import torch


def write_safetensors(path, tensors):
    """Eight bytes of header length, a JSON header, the data without gaps; every tensor begins at a multiple of its element's bytes."""
    names = {'float32': 'F32', 'float16': 'F16', 'uint8': 'U8'}
    header, data = {}, b''
    for name, array in sorted(tensors.items(), key=lambda item: (item[1].nbytes % 8 != 0, -item[1].itemsize)):  # odd lengths at the end
        assert len(data) % array.itemsize == 0, name
        header[name] = {'dtype': names[str(array.dtype)], 'shape': list(array.shape), 'data_offsets': [len(data), len(data) + array.nbytes]}
        data += array.tobytes()
    text = json.dumps(header, separators=(',', ':')).encode()
    text += b' ' * (-len(text) % 8)
    with open(path, 'wb') as file:
        file.write(struct.pack('<Q', len(text)) + text + data)


def read_safetensors(path):
    kinds = {'F32': '<f4', 'F16': '<f2', 'U8': 'u1'}
    with open(path, 'rb') as file:
        content = file.read()
    start = 8 + struct.unpack('<Q', content[:8])[0]
    tensors = {}
    for name, entry in json.loads(content[8:start]).items():
        begin, end = entry['data_offsets']
        tensors[name] = np.frombuffer(content[start + begin:start + end], kinds[entry['dtype']]).reshape(entry['shape'])
    return tensors


def as_float16(state):
    return {name: tensor.numpy().astype('<f2') for name, tensor in state.items()}


def as_uint8(state):
    """Filters in eight bits: value = (q - zero_point) * scale, one scale and zero point per output channel. The rest stays float32."""
    tensors = {}
    for name, tensor in state.items():
        w = tensor.numpy().astype('<f4')
        if w.ndim == 4:
            rows = w.reshape(len(w), -1)
            low, high = np.minimum(rows.min(1), 0), np.maximum(rows.max(1), 0)
            scale = np.maximum((high - low) / 255, 1e-12).astype('<f4')
            zero = np.round(-low / scale).astype('<f4')
            q = np.clip(np.round(rows / scale[:, None]) + zero[:, None], 0, 255)
            tensors |= {name: q.astype(np.uint8).reshape(w.shape), f'{name}.scale': scale, f'{name}.zero_point': zero}
        else:
            tensors[name] = w
    return tensors


def as_float32(tensors):
    """What an engine computes with: the stored values, decoded."""
    state = {}
    for name, array in tensors.items():
        if name.endswith(('.scale', '.zero_point')):
            continue
        value = array.astype(np.float32)
        if f'{name}.scale' in tensors:
            column = (-1,) + (1,) * (array.ndim - 1)
            value = (value - tensors[f'{name}.zero_point'].astype(np.float32).reshape(column)) * tensors[f'{name}.scale'].reshape(column)
        state[name] = torch.from_numpy(value)
    return state


def write_weights(folder, tensors):
    """Writes model.safetensors and returns its entry in the card."""
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, 'model.safetensors')
    write_safetensors(path, tensors)
    with open(path, 'rb') as file:
        content = file.read()
    return {'file': 'model.safetensors', 'bytes': len(content), 'sha256': hashlib.sha256(content).hexdigest()}


def weights_of(model):
    """What the engine's loader expects: everything in the state dict but the counters that PyTorch keeps for training."""
    return {name: t.detach().contiguous() for name, t in model.state_dict().items() if not name.endswith('num_batches_tracked')}


def write_card(folder, card):
    with open(os.path.join(folder, 'card.json'), 'w') as file:
        lines = (f'  {json.dumps(key)}: {json.dumps(value)}' for key, value in card.items())
        file.write('{\n' + ',\n'.join(lines) + '\n}\n')


def read_card(folder):
    with open(os.path.join(folder, 'card.json')) as file:
        return json.load(file)


def load_written(model, folder, card):
    """The model then holds the decoded values of the file, not the ones it was trained with."""
    missing, extra = model.load_state_dict(as_float32(read_safetensors(os.path.join(folder, card['weights']['file']))), strict=False)
    assert not extra and all(name.endswith('num_batches_tracked') for name in missing), (missing, extra)
    return model.to(memory_format=torch.channels_last)
