"""What ONNX's reference implementation (pip's `onnx`) makes of a small map by each mode of Resize: writes resize.json."""

import itertools
import json
import pathlib

import numpy
import onnx
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator

MAP = numpy.sin(numpy.arange(20, dtype=numpy.float32) * 1.7).reshape(1, 1, 4, 5).astype(numpy.float32)
COORDINATES = ['half_pixel', 'pytorch_half_pixel', 'half_pixel_symmetric', 'asymmetric', 'align_corners']
NEAREST = ['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil']
SCALED = [{'scales': [1.0, 1.0, 2.0, 3.0]}, {'scales': [1.0, 1.0, 0.75, 1.5]}, {'sizes': [1, 1, 7, 3]}, {'sizes': [1, 1, 2, 9]}]

modes = [{'mode': 'nearest', 'nearest_mode': nearest} for nearest in NEAREST]
modes.append({'mode': 'linear'})
modes += [{'mode': 'cubic', 'cubic_coeff_a': a, 'exclude_outside': outside} for a in [-0.75, -0.5] for outside in [0, 1]]


def resized(attributes, scaled):
    node = helper.make_node('Resize', ['x', '', *(['scales'] if 'scales' in scaled else ['', 'sizes'])], ['y'], **attributes)
    kind = {'scales': TensorProto.FLOAT, 'sizes': TensorProto.INT64}
    tensors = [helper.make_tensor(name, kind[name], [4], values) for name, values in scaled.items()]
    value = lambda name: helper.make_tensor_value_info(name, TensorProto.FLOAT, None)
    graph = helper.make_graph([node], 'resize', [value('x')], [value('y')], tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 19)])
    return ReferenceEvaluator(model).run(None, {'x': MAP})[0]


cases = []
for mode, coordinates, scaled in itertools.product(modes, COORDINATES, SCALED):
    attributes = {**mode, 'coordinate_transformation_mode': coordinates}
    result = resized(attributes, scaled)
    values = [float(f'{value:.7g}') for value in result.flatten()]
    cases.append({'attributes': attributes, **scaled, 'shape': list(result.shape), 'values': values})

lines = ',\n'.join(json.dumps(case, separators=(',', ':')) for case in cases)
pathlib.Path(__file__).with_name('resize.json').write_text(f'[\n{lines}\n]\n')
print(len(cases), 'cases, onnx', onnx.__version__)
