/**
 * What files of other formats begin with, and what they are told to be. Those in base64 were written by PyTorch 2.13, NumPy,
 * h5py, onnx 1.23, gguf 0.19, gzip and zip; TensorFlow Lite's is by its schema, whose file identifier is "TFL3".
 */
const base64 = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));
const text = (content: string) => new TextEncoder().encode(content);

export const otherFiles: Readonly<Record<string, readonly [beginning: Uint8Array<ArrayBuffer>, what: string]>> = {
  'model.pth': [
    base64(
      'UEsDBAAACAgAAAAAAAAAAAAAAAAAAAAAAAAOABQAbW9kZWwvZGF0YS5wa2xGQhAAWlpaWlpaWlpaWlpaWlpaWoACY2NvbGxlY3Rpb25zCk8=',
    ),
    'PyTorch',
  ],
  'a-rather-long-name_of.a.model-b0353104.pth': [
    base64(
      'UEsDBAAACAgAAAAAAAAAAAAAAAAAAAAAAAAvADMAYS1yYXRoZXItbG9uZy1uYW1lX29mLmEubW9kZWwtYjAzNTMxMDQvZGF0YS5wa2xGQi8=',
    ),
    'PyTorch',
  ],
  'legacy.pth': [
    base64(
      'gAKKCmz8nEb5IGqoUBkugAJN6QMugAJ9cQAoWBAAAABwcm90b2NvbF92ZXJzaW9ucQFN6QNYDQAAAGxpdHRsZV9lbmRpYW5xAohYCgAAAHQ=',
    ),
    'PyTorch or a pickle',
  ],
  'protocol 2.pkl': [
    base64('gAJ9cQBYAQAAAHdxAWNudW1weS5fY29yZS5tdWx0aWFycmF5Cl9yZWNvbnN0cnVjdApxAmNudW1weQo='),
    'pickle',
  ],
  'protocol 5.pkl': [base64('gAWVoQAAAAAAAAB9lIwBd5SME251bXB5Ll9jb3JlLm51bWVyaWOUjAtfZnJvbWJ1ZmZlcpSTlCg='), 'pickle'],
  'tiny.pkl': [base64('gAR9lC4='), 'pickle'],
  'script.pt': [
    base64(
      'UEsDBAAACAgAAAAAAAAAAAAAAAAAAAAAAAANABUAc2NyaXB0L2RhdGEvMEZCEQBaWlpaWlpaWlpaWlpaWlpaWl0qBD2QSzg+VPIKPmKL+rw=',
    ),
    'TorchScript',
  ],
  'arrays.npz': [
    base64(
      'UEsDBC0AAAAAAAAAIQA0FXwR//////////8MABQAMC53ZWlnaHQubnB5AQAQAOADAAAAAAAA4AMAAAAAAACTTlVNUFkBAHYAeydkZXNjcic=',
    ),
    'NumPy',
  ],
  'array.npy': [base64('k05VTVBZAQB2AHsnZGVzY3InOiAnPGY4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwg'), 'NumPy'],
  'model.h5': [base64('iUhERg0KGgoAAAAAAAgIAAQAEAAAAAAAAAAAAAAAAAD//////////0gIAAAAAAAA'), 'HDF5'],
  'model.keras': [base64('UEsDBBQAAAAAAIO8eV1Dv6ajAgAAAAIAAAANAAAAbWV0YWRhdGEuanNvbnt9'), 'an archive'],
  'model.safetensors.gz': [base64('H4sICOZwB2sC/2EAq6gYBaNgFAx3AADmyUE76AMAAA=='), 'an archive'],
  // Without a date its first eight bytes are a header's length that could be.
  'undated.gz': [base64('H4sIAAAAAAAC/+3BMQEAAADCoNqLbw0PoAAAAAAAAAAAAAAAAAAAAAAAAA=='), 'an archive'],
  'readme.zip': [base64('UEsDBBQAAAAAAIO8eV2GphA2BQAAAAUAAAAKAAAAcmVhZG1lLnR4dGhlbGxv'), 'an archive'],
  'model.onnx': [base64('CA46MwoMCgF4EgF5IgRSZWx1EgFnWg8KAXgSCgoICAESBAoCCAFiDwoBeRIK'), 'ONNX'],
  'torch.onnx': [base64('CA4SB3B5dG9yY2gaAzIuMTozCgwKAXgSAXkiBFJlbHUSAWdaDwoBeBIKCggI'), 'ONNX'],
  'model.tflite': [text('\x1c\0\0\0TFL3\x14\0\x20\0\x1c\0\x18\0\x14\0\x10\0'), 'TensorFlow Lite'],
  'model.gguf': [base64('R0dVRgMAAAABAAAAAAAAAAEAAAAAAAAAFAAAAAAAAABnZW5lcmFsLmFyY2g='), 'GGUF'],
  'pointer of Git LFS': [
    text(`version https://git-lfs.github.com/spec/v1\noid sha256:${'4d7a'.repeat(16)}\nsize 14217928\n`),
    'a Git LFS pointer: fetch the file itself',
  ],
  'model.safetensors.index.json': [
    text('{\n  "metadata": {\n    "total_size": 26087497728\n  },\n  "weight_map": {\n    "lm_head.weight": "model-'),
    'an index of shards',
  ],
  'card.json': [text('{ "schema": 1, "name": "MobileNet", "task": "classification" }'), 'JSON'],
  'list.json': [text('\n[1, 2, 3]'), 'JSON'],
  'page.html': [text('<!doctype html>\n<title>Log in</title>'), 'a web page: open it in a browser'],
  'page with a byte order mark': [text('\ufeff\r\n<html lang="en"><body>'), 'a web page'],
  'error.xml': [text('<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>'), 'a web page'],
};
