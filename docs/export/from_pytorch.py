"""An ONNX file from PyTorch 2.9 or newer: any module whose operators docs/operators.md has.

Before, leave out `external_data`, and have `dynamo=False` and `dynamic_axes={'image': {...}}` instead of `dynamic_shapes`.
"""
import torch
import torchvision

model = torchvision.models.mobilenet_v2(weights='DEFAULT').eval()
# More than one of what is left open: PyTorch takes a size of 1 for fixed.
images = torch.zeros(2, 3, 224, 224)
torch.onnx.export(
    model,
    (images,),
    'mobilenet_v2.onnx',
    input_names=['image'],
    output_names=['logits'],
    # One file, and not a second one with the weights.
    external_data=False,
    # Leave this out for a file of one size.
    dynamic_shapes=({0: 'batch', 2: 'height', 3: 'width'},),
)
