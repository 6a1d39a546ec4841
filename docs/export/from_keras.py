"""A TFLite file from Keras. Float16 weights halve the file; Linnet decodes them."""
import tensorflow as tf

model = tf.keras.applications.MobileNetV2()
converter = tf.lite.TFLiteConverter.from_keras_model(model)
converter.optimizations = [tf.lite.Optimize.DEFAULT]
converter.target_spec.supported_types = [tf.float16]
with open('mobilenet_v2.tflite', 'wb') as file:
    file.write(converter.convert())
