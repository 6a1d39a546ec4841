"""An ONNX file from PyTorch: any module whose operators docs/operators.md has."""
import torch
import torchvision

model = torchvision.models.mobilenet_v2(weights='DEFAULT').eval()
image = torch.zeros(1, 3, 224, 224)
torch.onnx.export(
    model,
    image,
    'mobilenet_v2.onnx',
    input_names=['image'],
    output_names=['logits'],
    opset_version=13,
    # Leave these out for a file of one size.
    dynamic_axes={'image': {0: 'batch', 2: 'height', 3: 'width'}, 'logits': {0: 'batch'}},
)
