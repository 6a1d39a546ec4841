"""An ONNX file from timm, and a card with what it was trained on."""
import json

import timm
import torch

name = 'mobilenetv3_small_100.lamb_in1k'
model = timm.create_model(name, pretrained=True, exportable=True).eval()
config = timm.data.resolve_model_data_config(model)
_, height, width = config['input_size']
torch.onnx.export(
    model,
    (torch.zeros(1, 3, height, width),),
    'model.onnx',
    input_names=['image'],
    output_names=['logits'],
    # One file, and not a second one with the weights.
    external_data=False,
)
card = {
    'schema': 1,
    'name': name,
    'task': 'classification',
    'weights': {'file': 'model.onnx'},
    'preprocess': {
        'fit': 'cover',
        'crop': config['crop_pct'],
        'interpolation': config['interpolation'],
        'mean': config['mean'],
        'std': config['std'],
    },
}
with open('card.json', 'w', encoding='utf8') as file:
    json.dump(card, file, indent=2)
